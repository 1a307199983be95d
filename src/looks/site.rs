//! Everything that the operator sets about the look of the site.

use std::sync::Arc;

use super::accent::Accent;
use super::logo::Logo;
use crate::domain::account::email::EmailAddress;

/// The look of pages and emails, as far as the operator decides it.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// The color of buttons and links (`ACCENT_COLOR`).
    pub accent: Accent,
    /// The logo (`SITE_LOGO`), if it is not ours.
    pub logo: Option<Arc<Logo>>,
    /// Where users find help (`SUPPORT_EMAIL`).
    pub support_email: Option<EmailAddress>,
    /// Links in the footer, in order (`FOOTER_LINKS`).
    pub footer_links: Vec<FooterLink>,
}

/// A link in the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterLink {
    /// Its text.
    pub name: String,
    /// An http or https URL.
    pub url: String,
}
