//! Everything that the operator sets about the look of the site.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::accent::Accent;
use super::logo::Logo;
use crate::domain::account::email::EmailAddress;

/// What is escaped in the address of a `mailto:` link.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'@').remove(b'.').remove(b'-').remove(b'_').remove(b'+');

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

impl Looks {
    /// A link that writes to the support address (RFC 6068); empty without one.
    #[must_use]
    pub fn support_link(&self) -> String {
        self.support_email.as_ref().map_or(String::new(), |email| {
            format!("mailto:{}", utf8_percent_encode(email.as_str(), ESCAPED))
        })
    }
}

/// A link in the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterLink {
    /// Its text.
    pub name: String,
    /// An http or https URL.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_the_support_address_has_no_further_fields() {
        for (email, link) in [
            ("help@example.org", "mailto:help@example.org"),
            ("a+b@example.org", "mailto:a+b@example.org"),
            ("a?cc=b&c@example.org", "mailto:a%3Fcc%3Db%26c@example.org"),
        ] {
            let support_email = Some(EmailAddress::parse(email).unwrap());
            assert_eq!(Looks { support_email, ..Looks::default() }.support_link(), link);
        }
        assert_eq!(Looks::default().support_link(), "");
    }
}
