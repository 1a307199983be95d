//! What mails say, and how they are put together (RFC 5322, RFC 2046).

use askama::Template;
use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use crate::domain::mail_kind::MailKind;
use crate::error::Result;
use crate::mail::{DeliveryError, Mail};

/// The words of a mail.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may hold a link that opens an account")]
pub struct Texts {
    /// One line, without secrets.
    pub subject: String,
    /// The part that reads well on its own.
    pub text: String,
    /// The same for programs that show HTML.
    pub html: String,
}

/// What the templates may speak of. Nothing that changes between two tries at sending: a mail is the same each time.
#[expect(missing_debug_implementations, reason = "may hold a link that opens an account")]
pub struct Content<'a> {
    /// What the site is called.
    pub site_name: &'a str,
    /// Its address.
    pub site: String,
    /// The person's address.
    pub email: &'a str,
    /// Where the mail leads.
    pub link: String,
    /// How long that works, in words; empty if it always does.
    pub lifetime: String,
    /// Where to ask for a new password.
    pub forgot_link: String,
    /// When what the mail tells of happened.
    pub when: String,
    /// From which address.
    pub address: &'a str,
    /// What else it speaks of: the new address, the browser, how many codes are left.
    pub detail: &'a str,
}

/// A function per mail that draws its three templates.
macro_rules! mails {
    ($($name:ident: $subject:literal, $text:literal, $html:literal;)*) => {$(
        fn $name(content: &Content<'_>) -> askama::Result<Texts> {
            #[derive(Template)]
            #[template(path = $subject, escape = "none")]
            struct Subject<'a> { mail: &'a Content<'a> }
            #[derive(Template)]
            #[template(path = $text, escape = "none")]
            struct Text<'a> { mail: &'a Content<'a> }
            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> { mail: &'a Content<'a>, subject: &'a str }
            let subject = Subject { mail: content }.render()?.trim().to_owned();
            Ok(Texts {
                text: Text { mail: content }.render()?,
                html: Html { mail: content, subject: &subject }.render()?,
                subject,
            })
        }
    )*};
}

mails! {
    verify_email: "mail/verify_email.subject", "mail/verify_email.txt", "mail/verify_email.html";
    already_registered: "mail/already_registered.subject", "mail/already_registered.txt", "mail/already_registered.html";
    welcome: "mail/welcome.subject", "mail/welcome.txt", "mail/welcome.html";
    reset_password: "mail/reset_password.subject", "mail/reset_password.txt", "mail/reset_password.html";
    password_changed: "mail/password_changed.subject", "mail/password_changed.txt", "mail/password_changed.html";
    session_copied: "mail/session_copied.subject", "mail/session_copied.txt", "mail/session_copied.html";
    confirm_email: "mail/confirm_email.subject", "mail/confirm_email.txt", "mail/confirm_email.html";
    email_taken: "mail/email_taken.subject", "mail/email_taken.txt", "mail/email_taken.html";
    email_change_requested: "mail/email_change_requested.subject", "mail/email_change_requested.txt", "mail/email_change_requested.html";
    email_changed: "mail/email_changed.subject", "mail/email_changed.txt", "mail/email_changed.html";
    new_sign_in: "mail/new_sign_in.subject", "mail/new_sign_in.txt", "mail/new_sign_in.html";
    second_factor_on: "mail/second_factor_on.subject", "mail/second_factor_on.txt", "mail/second_factor_on.html";
    second_factor_off: "mail/second_factor_off.subject", "mail/second_factor_off.txt", "mail/second_factor_off.html";
    recovery_codes_renewed: "mail/recovery_codes_renewed.subject", "mail/recovery_codes_renewed.txt", "mail/recovery_codes_renewed.html";
    recovery_code_used: "mail/recovery_code_used.subject", "mail/recovery_code_used.txt", "mail/recovery_code_used.html";
    address_reserved: "mail/address_reserved.subject", "mail/address_reserved.txt", "mail/address_reserved.html";
    called_back: "mail/called_back.subject", "mail/called_back.txt", "mail/called_back.html";
    codes_refused: "mail/codes_refused.subject", "mail/codes_refused.txt", "mail/codes_refused.html";
    account_secured: "mail/account_secured.subject", "mail/account_secured.txt", "mail/account_secured.html";
    account_deleted: "mail/account_deleted.subject", "mail/account_deleted.txt", "mail/account_deleted.html";
    test: "mail/test.subject", "mail/test.txt", "mail/test.html";
}

/// Draws a mail.
pub fn draw(kind: MailKind, content: &Content<'_>) -> Result<Texts> {
    Ok(match kind {
        MailKind::VerifyEmail => verify_email(content),
        MailKind::AlreadyRegistered => already_registered(content),
        MailKind::Welcome => welcome(content),
        MailKind::ResetPassword => reset_password(content),
        MailKind::PasswordChanged => password_changed(content),
        MailKind::SessionCopied => session_copied(content),
        MailKind::ConfirmEmail => confirm_email(content),
        MailKind::EmailTaken => email_taken(content),
        MailKind::EmailChangeRequested => email_change_requested(content),
        MailKind::EmailChanged => email_changed(content),
        MailKind::NewSignIn => new_sign_in(content),
        MailKind::SecondFactorOn => second_factor_on(content),
        MailKind::SecondFactorOff => second_factor_off(content),
        MailKind::RecoveryCodesRenewed => recovery_codes_renewed(content),
        MailKind::RecoveryCodeUsed => recovery_code_used(content),
        MailKind::AddressReserved => address_reserved(content),
        MailKind::CalledBack => called_back(content),
        MailKind::CodesRefused => codes_refused(content),
        MailKind::AccountSecured => account_secured(content),
        MailKind::AccountDeleted => account_deleted(content),
    }?)
}

/// Draws the mail that only shows whether mails leave.
pub fn draw_test(content: &Content<'_>) -> Result<Texts> {
    Ok(test(content)?)
}

/// Tells other machines that nobody wrote this by hand, so that they do not answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Puts the mail together: the same bytes each time.
pub fn to_mime(mail: &Mail) -> Result<Message, DeliveryError> {
    let (plain, html) = (mail.texts.text.clone(), mail.texts.html.clone());
    let parts = MultiPart::builder()
        .kind(lettre::message::MultiPartKind::Alternative)
        .boundary(format!("authflow-{}", mail.id.0.simple()))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(plain))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html));
    Message::builder()
        .from(mail.from.clone())
        .to(Mailbox::new(None, mail.to.clone()))
        .subject(mail.texts.subject.clone())
        .message_id(Some(format!("<{}>", mail.message_id)))
        .date(mail.created_at.to_system_time())
        .header(AutoSubmitted)
        .multipart(parts)
        .map_err(|error| DeliveryError::Final(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::id::MailId;

    const KINDS: [MailKind; 20] = [
        MailKind::VerifyEmail,
        MailKind::AlreadyRegistered,
        MailKind::Welcome,
        MailKind::ResetPassword,
        MailKind::PasswordChanged,
        MailKind::SessionCopied,
        MailKind::ConfirmEmail,
        MailKind::EmailTaken,
        MailKind::EmailChangeRequested,
        MailKind::EmailChanged,
        MailKind::NewSignIn,
        MailKind::SecondFactorOn,
        MailKind::SecondFactorOff,
        MailKind::RecoveryCodesRenewed,
        MailKind::RecoveryCodeUsed,
        MailKind::AddressReserved,
        MailKind::CalledBack,
        MailKind::CodesRefused,
        MailKind::AccountSecured,
        MailKind::AccountDeleted,
    ];

    fn texts(kind: MailKind) -> Texts {
        let content = Content {
            site_name: "Müller & Söhne",
            site: "https://login.example.org".into(),
            email: "ada@example.org",
            link: "https://login.example.org/auth/x/SECRET".into(),
            lifetime: "30 minutes".into(),
            forgot_link: "https://login.example.org/auth/forgot-password".into(),
            when: "2026-11-23 06:30 UTC".into(),
            address: "192.0.2.7",
            detail: "<b>Firefox</b> on Linux",
        };
        draw(kind, &content).unwrap()
    }

    #[test]
    fn every_mail_has_three_parts_and_no_secret_in_its_subject() {
        for kind in KINDS {
            let texts = texts(kind);
            assert!(!texts.subject.is_empty() && !texts.subject.contains('\n'), "{kind:?}");
            assert!(
                !texts.subject.contains("SECRET") && !texts.subject.contains("http"),
                "{kind:?}"
            );
            assert!(
                texts.text.contains("Müller & Söhne") && texts.text.contains("https://"),
                "{kind:?}"
            );
            assert!(texts.html.contains("Müller &#38; Söhne"), "{kind:?}");
            let carries_link = texts.text.contains("SECRET") && texts.html.contains("SECRET");
            assert_eq!(
                carries_link,
                kind.purpose().is_some()
                    || matches!(kind, MailKind::Welcome | MailKind::EmailTaken),
                "{kind:?}"
            );
            assert_eq!(texts.text.contains("30 minutes"), kind.purpose().is_some(), "{kind:?}");
        }
    }

    #[test]
    fn what_a_mail_speaks_of_is_text() {
        for kind in KINDS {
            assert!(!texts(kind).html.contains("<b>"), "{kind:?}");
        }
    }

    #[test]
    fn a_mail_is_the_same_each_time_it_is_drawn() {
        let mail = Mail {
            id: MailId::new(Timestamp(1_795_415_400)),
            message_id: "1@login.example.org".into(),
            from: Mailbox::new(
                Some("Müller & Söhne, Köln".into()),
                "no-reply@example.org".parse().unwrap(),
            ),
            to: "ada@example.org".parse().unwrap(),
            created_at: Timestamp(1_795_415_400),
            texts: texts(MailKind::ResetPassword),
        };
        let bytes = to_mime(&mail).unwrap().formatted();
        assert_eq!(bytes, to_mime(&mail).unwrap().formatted());
        let head = String::from_utf8(bytes).unwrap();
        let head = head.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("Message-ID: <1@login.example.org>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(head.contains("multipart/alternative"), "{head}");
    }
}
