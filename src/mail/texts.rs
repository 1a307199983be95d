//! The texts of emails: their templates, and the data for them.

use askama::Template;

use crate::domain::email::mail_kind::MailKind;
use crate::domain::quantity;
use crate::mail::outgoing::Texts;
use crate::mail::quote::one_line;

/// The data for the templates. It does not change between two attempts, so every attempt sends the same email.
#[expect(missing_debug_implementations, reason = "may contain a link that changes an account")]
pub struct Content<'a> {
    /// The name of the site.
    pub site_name: &'a str,
    /// The URL of the site.
    pub site: String,
    /// The recipient's email address.
    pub email: &'a str,
    /// The link in the email.
    pub link: String,
    /// How long the link works, in words; empty if it does not expire.
    pub lifetime: String,
    /// The code in the email, if it has one.
    pub code: &'a str,
    /// How long the code works after it was asked for, in words.
    pub code_lifetime: String,
    /// The page that sends reset links.
    pub forgot_link: String,
    /// When the event happened.
    pub when: String,
    /// The IP address that caused the event.
    pub address: &'a str,
    /// A further fact: the new email address, the browser, or how many codes are left.
    pub detail: &'a str,
    /// How many accounts wait for approval, if the email is about them.
    pub waiting: i64,
}

/// Renders three templates. A macro, because askama needs the paths as literals to check the templates at compile time.
macro_rules! texts {
    ($content:ident, $subject:literal, $text:literal, $html:literal) => {{
        #[derive(Template)]
        #[template(path = $subject, escape = "none")]
        struct Subject<'a> {
            mail: &'a Content<'a>,
        }
        #[derive(Template)]
        #[template(path = $text, escape = "none")]
        struct Text<'a> {
            mail: &'a Content<'a>,
        }
        #[derive(Template)]
        #[template(path = $html)]
        struct Html<'a> {
            mail: &'a Content<'a>,
            subject: &'a str,
        }
        let subject = one_line(&Subject { mail: $content }.render()?);
        Ok(Texts {
            text: Text { mail: $content }.render()?,
            html: Html { mail: $content, subject: &subject }.render()?,
            subject,
        })
    }};
}

/// Renders an email.
#[rustfmt::skip]
pub fn render(kind: MailKind, content: &Content<'_>) -> askama::Result<Texts> {
    match kind {
        MailKind::VerifyEmail => texts!(content, "mail/verify_email.subject", "mail/verify_email.txt", "mail/verify_email.html"),
        MailKind::AlreadyRegistered =>
            texts!(content, "mail/already_registered.subject", "mail/already_registered.txt", "mail/already_registered.html"),
        MailKind::Welcome => texts!(content, "mail/welcome.subject", "mail/welcome.txt", "mail/welcome.html"),
        MailKind::ResetPassword => texts!(content, "mail/reset_password.subject", "mail/reset_password.txt", "mail/reset_password.html"),
        MailKind::ConfirmationCode =>
            texts!(content, "mail/confirmation_code.subject", "mail/confirmation_code.txt", "mail/confirmation_code.html"),
        MailKind::PasswordChanged => texts!(content, "mail/password_changed.subject", "mail/password_changed.txt", "mail/password_changed.html"),
        MailKind::PasswordSet => texts!(content, "mail/password_set.subject", "mail/password_set.txt", "mail/password_set.html"),
        MailKind::ConfirmEmail => texts!(content, "mail/confirm_email.subject", "mail/confirm_email.txt", "mail/confirm_email.html"),
        MailKind::EmailTaken => texts!(content, "mail/email_taken.subject", "mail/email_taken.txt", "mail/email_taken.html"),
        MailKind::EmailChangeRequested =>
            texts!(content, "mail/email_change_requested.subject", "mail/email_change_requested.txt", "mail/email_change_requested.html"),
        MailKind::EmailChanged => texts!(content, "mail/email_changed.subject", "mail/email_changed.txt", "mail/email_changed.html"),
        MailKind::AddressReserved => texts!(content, "mail/address_reserved.subject", "mail/address_reserved.txt", "mail/address_reserved.html"),
        MailKind::CalledBack => texts!(content, "mail/called_back.subject", "mail/called_back.txt", "mail/called_back.html"),
        MailKind::NewSignIn => texts!(content, "mail/new_sign_in.subject", "mail/new_sign_in.txt", "mail/new_sign_in.html"),
        MailKind::SecondFactorOn => texts!(content, "mail/second_factor_on.subject", "mail/second_factor_on.txt", "mail/second_factor_on.html"),
        MailKind::AuthenticatorReplaced =>
            texts!(content, "mail/authenticator_replaced.subject", "mail/authenticator_replaced.txt", "mail/authenticator_replaced.html"),
        MailKind::SecondFactorOff => texts!(content, "mail/second_factor_off.subject", "mail/second_factor_off.txt", "mail/second_factor_off.html"),
        MailKind::SecondFactorRemoved =>
            texts!(content, "mail/second_factor_removed.subject", "mail/second_factor_removed.txt", "mail/second_factor_removed.html"),
        MailKind::RecoveryCodesRenewed =>
            texts!(content, "mail/recovery_codes_renewed.subject", "mail/recovery_codes_renewed.txt", "mail/recovery_codes_renewed.html"),
        MailKind::RecoveryCodeUsed =>
            texts!(content, "mail/recovery_code_used.subject", "mail/recovery_code_used.txt", "mail/recovery_code_used.html"),
        MailKind::CodesRefused => texts!(content, "mail/codes_refused.subject", "mail/codes_refused.txt", "mail/codes_refused.html"),
        MailKind::PasswordsRefused => texts!(content, "mail/passwords_refused.subject", "mail/passwords_refused.txt", "mail/passwords_refused.html"),
        MailKind::SessionCopied => texts!(content, "mail/session_copied.subject", "mail/session_copied.txt", "mail/session_copied.html"),
        MailKind::AccountSecured => texts!(content, "mail/account_secured.subject", "mail/account_secured.txt", "mail/account_secured.html"),
        MailKind::AccountDeleted => texts!(content, "mail/account_deleted.subject", "mail/account_deleted.txt", "mail/account_deleted.html"),
        MailKind::AccountDeletedByAdministrator =>
            texts!(content, "mail/account_deleted_by_administrator.subject", "mail/account_deleted_by_administrator.txt", "mail/account_deleted_by_administrator.html"),
        MailKind::Invitation => texts!(content, "mail/invitation.subject", "mail/invitation.txt", "mail/invitation.html"),
        MailKind::InvitationLost => texts!(content, "mail/invitation_lost.subject", "mail/invitation_lost.txt", "mail/invitation_lost.html"),
        MailKind::SignUpWaits => texts!(content, "mail/sign_up_waits.subject", "mail/sign_up_waits.txt", "mail/sign_up_waits.html"),
        MailKind::SignUpAccepted => texts!(content, "mail/sign_up_accepted.subject", "mail/sign_up_accepted.txt", "mail/sign_up_accepted.html"),
        MailKind::SignUpRefused => texts!(content, "mail/sign_up_refused.subject", "mail/sign_up_refused.txt", "mail/sign_up_refused.html"),
    }
}

/// Renders the test email.
pub fn render_test(content: &Content<'_>) -> askama::Result<Texts> {
    texts!(content, "mail/test.subject", "mail/test.txt", "mail/test.html")
}

#[cfg(test)]
pub(super) mod tests {
    use mail_parser::decoders::html::html_to_text;

    use super::*;
    use crate::domain::email::mail_kind::Destination;

    const SITE: &str = "https://login.example.org";

    pub fn content(kind: MailKind) -> Content<'static> {
        let forgot_link = format!("{SITE}/auth/forgot-password");
        let link = match kind.facts().link {
            Destination::ForgotPassword => forgot_link.clone(),
            Destination::None
            | Destination::Site
            | Destination::WaitingSignUps
            | Destination::Invitation
            | Destination::OneTime(_) => format!("{SITE}/auth/x/SECRET"),
        };
        Content {
            site_name: "Müller & Söhne",
            site: SITE.into(),
            email: "ada@example.org",
            link,
            lifetime: "30 minutes".into(),
            code: "0123 4567",
            code_lifetime: "10 minutes".into(),
            forgot_link,
            when: "2026-11-23 06:30 UTC".into(),
            address: "192.0.2.7",
            detail: "Firefox on Linux",
            waiting: 3,
        }
    }

    fn texts(kind: MailKind) -> Texts {
        render(kind, &content(kind)).unwrap()
    }

    pub fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_email_has_the_link_of_its_kind_and_no_secret_in_its_subject() {
        for kind in MailKind::ALL.iter().copied() {
            let texts = texts(kind);
            let about = texts.subject.strip_prefix("Müller & Söhne: ").unwrap();
            assert!((10..=50).contains(&about.len()) && about.is_ascii(), "{kind:?}: {about}");
            for secret in ["SECRET", "http", "0123", "4567"] {
                assert!(!about.contains(secret), "{kind:?}");
            }
            assert!(!about.contains('@') && !about.contains("192.0.2.7"), "{kind:?}");
            assert!(texts.html.contains("Müller &#38; Söhne"), "{kind:?}");
            let link = kind.facts().link;
            let to = content(kind).link;
            assert_eq!(texts.text.contains(&to), link != Destination::None, "{kind:?}");
            assert_eq!(texts.html.contains(&to), link != Destination::None, "{kind:?}");
            let has_code = kind == MailKind::ConfirmationCode;
            for part in ["0123 4567", "10 minutes"] {
                assert_eq!(texts.text.contains(part), has_code, "{kind:?}");
                assert_eq!(texts.html.contains(part), has_code, "{kind:?}");
            }
            let expires = matches!(link, Destination::OneTime(_) | Destination::Invitation);
            assert_eq!(texts.text.contains("30 minutes"), expires, "{kind:?}");
        }
    }

    #[test]
    fn text_parts_have_one_line_per_paragraph_and_links_on_their_own_lines() {
        for kind in MailKind::ALL.iter().copied() {
            let text = texts(kind).text;
            let (body, signature) = text.split_once("\n\n-- \n").unwrap();
            assert!(
                signature.starts_with("Müller & Söhne\nhttps://login.example.org/\n"),
                "{text}"
            );
            for paragraph in body.split("\n\n") {
                assert!(!paragraph.starts_with('\n') && !paragraph.ends_with('\n'), "{text}");
                let lines = paragraph.lines().all(|line| line.trim() == line);
                let facts = ["With: ", "When: "].iter().any(|it| paragraph.starts_with(it));
                assert!(lines && (facts || !paragraph.contains('\n')), "{text}");
                assert!(paragraph.starts_with(SITE) || !paragraph.contains("://"), "{text}");
                assert!(!paragraph.starts_with(SITE) || !paragraph.contains(' '), "{text}");
            }
        }
    }

    #[test]
    fn both_parts_have_the_same_text() {
        for kind in MailKind::ALL.iter().copied() {
            let texts = texts(kind);
            let html = words(&html_to_text(&texts.html));
            for paragraph in texts.text.replace("-- \n", "").split("\n\n") {
                assert!(html.contains(&words(paragraph)), "{kind:?}: {paragraph}\n{html}");
            }
        }
    }

    #[test]
    fn html_parts_load_nothing_and_link_only_to_the_site() {
        for kind in MailKind::ALL.iter().copied() {
            let Texts { subject, html, .. } = texts(kind);
            for foreign in ["<img", "<style", "<link", "<script", " src=", "url(", "@import"] {
                assert!(!html.contains(foreign), "{kind:?}: {foreign}");
            }
            for link in html.split("href=\"").skip(1) {
                assert!(link.starts_with(SITE), "{kind:?}: {link}");
            }
            let title = format!("<title>{}</title>", subject.replace('&', "&#38;"));
            assert!(html.contains("lang=\"en\"") && html.contains(&title), "{html}");
        }
    }

    #[test]
    fn data_is_escaped_in_html_parts() {
        for kind in MailKind::ALL.iter().copied() {
            let markup = "<b>\"'&";
            let texts = render(
                kind,
                &Content {
                    site_name: markup,
                    email: markup,
                    address: markup,
                    detail: markup,
                    ..content(kind)
                },
            );
            let texts = texts.unwrap();
            assert!(!texts.html.contains("<b>"), "{kind:?}");
            assert!(texts.text.contains(markup) && texts.subject.contains(markup), "{kind:?}");
        }
    }
}
