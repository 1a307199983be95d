//! What the operator decides about the look of pages and emails.

mod accent;
pub mod assets;
mod color;
pub mod grounds;
mod logo;
mod site;

pub use self::accent::{Accent, AccentShades};
pub use self::color::Color;
pub use self::logo::{LARGEST_LOGO, Logo, LogoFormat};
pub use self::site::{FooterLink, Looks};
