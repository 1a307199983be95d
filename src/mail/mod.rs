//! Sending emails: one trait, and one file per transport.

pub mod file;
mod kinds;
pub mod letters;
mod mime;
mod outgoing;
mod quote;
mod resend;
mod smtp;
pub mod texts;
mod transport;

pub use self::kinds::TRANSPORTS;
pub use self::outgoing::{Mail, Texts};
pub use self::resend::RESEND_API_URL;
pub use self::transport::{DeliveryError, MailTransport, TransportKind, TransportSettings};
