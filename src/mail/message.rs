//! What mails say, and how they are put together (RFC 5322, RFC 2046).

use askama::Template;
use lettre::Message;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};

use crate::domain::email::mail_kind::MailKind;
use crate::mail::outgoing::{Mail, Texts};
use crate::mail::quote::one_line;
use crate::mail::transport::DeliveryError;

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
            let subject = one_line(&Subject { mail: content }.render()?);
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
    passwords_refused: "mail/passwords_refused.subject", "mail/passwords_refused.txt", "mail/passwords_refused.html";
    account_secured: "mail/account_secured.subject", "mail/account_secured.txt", "mail/account_secured.html";
    account_deleted: "mail/account_deleted.subject", "mail/account_deleted.txt", "mail/account_deleted.html";
    account_deleted_by_administrator: "mail/account_deleted_by_administrator.subject", "mail/account_deleted_by_administrator.txt",
        "mail/account_deleted_by_administrator.html";
    second_factor_removed: "mail/second_factor_removed.subject", "mail/second_factor_removed.txt", "mail/second_factor_removed.html";
    invitation: "mail/invitation.subject", "mail/invitation.txt", "mail/invitation.html";
    sign_up_waits: "mail/sign_up_waits.subject", "mail/sign_up_waits.txt", "mail/sign_up_waits.html";
    sign_up_accepted: "mail/sign_up_accepted.subject", "mail/sign_up_accepted.txt", "mail/sign_up_accepted.html";
    sign_up_refused: "mail/sign_up_refused.subject", "mail/sign_up_refused.txt", "mail/sign_up_refused.html";
    test: "mail/test.subject", "mail/test.txt", "mail/test.html";
}

/// Draws a mail.
pub fn draw(kind: MailKind, content: &Content<'_>) -> askama::Result<Texts> {
    match kind {
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
        MailKind::PasswordsRefused => passwords_refused(content),
        MailKind::AccountSecured => account_secured(content),
        MailKind::AccountDeleted => account_deleted(content),
        MailKind::AccountDeletedByAdministrator => account_deleted_by_administrator(content),
        MailKind::Invitation => invitation(content),
        MailKind::SignUpWaits => sign_up_waits(content),
        MailKind::SignUpAccepted => sign_up_accepted(content),
        MailKind::SignUpRefused => sign_up_refused(content),
        MailKind::SecondFactorRemoved => second_factor_removed(content),
    }
}

/// Draws the mail that only shows whether mails leave.
pub fn draw_test(content: &Content<'_>) -> askama::Result<Texts> {
    test(content)
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
    // In this encoding every line is short ASCII, and none can be the boundary: `=_` cannot come up (RFC 2045, section 6.7).
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let part = |kind, body: &str| {
        SinglePart::builder().header(kind).header(encoding).body(body.to_owned())
    };
    let parts = MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(format!("=_{}", mail.id.0.simple()))
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.texts.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.texts.html));
    Message::builder()
        .from(Mailbox::new(mail.from.name.as_deref().map(one_line), mail.from.email.clone()))
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
    use std::fmt::Write;

    use mail_parser::MessageParser;
    use mail_parser::decoders::html::html_to_text;
    use proptest::prelude::*;
    use proptest::sample;

    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::id::MailId;

    const KINDS: [MailKind; 27] = [
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
        MailKind::PasswordsRefused,
        MailKind::AccountSecured,
        MailKind::AccountDeleted,
        MailKind::AccountDeletedByAdministrator,
        MailKind::SecondFactorRemoved,
        MailKind::Invitation,
        MailKind::SignUpWaits,
        MailKind::SignUpAccepted,
        MailKind::SignUpRefused,
    ];

    const SITE: &str = "https://login.example.org";

    fn content() -> Content<'static> {
        Content {
            site_name: "Müller & Söhne",
            site: SITE.into(),
            email: "ada@example.org",
            link: format!("{SITE}/auth/x/SECRET"),
            lifetime: "30 minutes".into(),
            forgot_link: format!("{SITE}/auth/forgot-password"),
            when: "2026-11-23 06:30 UTC".into(),
            address: "192.0.2.7",
            detail: "Firefox on Linux",
        }
    }

    fn texts(kind: MailKind) -> Texts {
        draw(kind, &content()).unwrap()
    }

    fn mail(site_name: &str, texts: Texts) -> Mail {
        Mail {
            id: MailId("019adf6b-1c40-7000-8000-00000000beef".parse().unwrap()),
            message_id: "019adf6b-1c40-7000-8000-00000000beef@login.example.org".into(),
            from: Mailbox::new(
                Some(site_name.into()),
                "no-reply@login.example.org".parse().unwrap(),
            ),
            to: "ada@example.org".parse().unwrap(),
            created_at: Timestamp(1_795_415_400),
            texts,
            token: None,
        }
    }

    /// Reads a finished mail as programs do, after a look at its bytes: any server can pass it on, and it has our headers only.
    fn received(mail: &Mail) -> mail_parser::Message<'static> {
        let bytes = to_mime(mail).unwrap().formatted();
        let text = str::from_utf8(&bytes).unwrap();
        for line in text.split("\r\n") {
            assert!(line.len() <= 998, "{line:?}");
            assert!(line.chars().all(|c| matches!(c, '\t' | ' '..='~')), "{line:?}");
        }
        let head = text.split("\r\n\r\n").next().unwrap().split("\r\n");
        let names = head.filter(|line| !line.starts_with(' ')).map(|line| line.split(':').next());
        let expected = [
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Date",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
        ];
        assert_eq!(names.collect::<Vec<_>>(), expected.map(Some), "{text}");
        let message = MessageParser::default().parse(&bytes).unwrap().into_owned();
        assert_eq!(message.parts.len(), 3, "{text}");
        message
    }

    fn from(message: &mail_parser::Message<'_>) -> (String, String) {
        let from = message.from().unwrap();
        assert_eq!(from.iter().count(), 1);
        let from = from.first().unwrap();
        (from.name().unwrap_or_default().to_owned(), from.address().unwrap().to_owned())
    }

    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_mail_is_as_its_snapshot_says() {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let _bound = settings.bind_to_scope();
        for kind in KINDS {
            let detail = match kind {
                MailKind::EmailChangeRequested | MailKind::EmailChanged => "ada@new.example.org",
                MailKind::CalledBack => "ada@old.example.org",
                MailKind::RecoveryCodeUsed => "9",
                MailKind::ResetPassword => "",
                MailKind::SignUpWaits => "eve@example.org and 2 more",
                MailKind::SecondFactorRemoved => "She lost her phone and called me",
                _ => "Firefox on Linux",
            };
            let texts = draw(kind, &Content { detail, ..content() }).unwrap();
            let message = received(&mail("Müller & Söhne", texts));
            let (name, address) = from(&message);
            let mut shown = format!("From: {name} <{address}>\n");
            writeln!(shown, "Subject: {}", message.subject().unwrap()).unwrap();
            for header in ["To", "Message-ID", "Auto-Submitted", "Content-Type"] {
                let value = words(message.header_raw(header).unwrap());
                writeln!(shown, "{header}: {value}").unwrap();
            }
            let (text, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
            write!(shown, "\n{text}\n\n{html}").unwrap();
            insta::assert_snapshot!(format!("{kind:?}"), shown);
        }
    }

    #[test]
    fn every_mail_has_three_parts_and_no_secret_in_its_subject() {
        for kind in KINDS {
            let texts = texts(kind);
            let about = texts.subject.strip_prefix("Müller & Söhne: ").unwrap();
            assert!((10..=50).contains(&about.len()) && about.is_ascii(), "{kind:?}: {about}");
            assert!(!about.contains("SECRET") && !about.contains("http"), "{kind:?}");
            assert!(!about.contains('@') && !about.contains("192.0.2.7"), "{kind:?}");
            assert!(texts.html.contains("Müller &#38; Söhne"), "{kind:?}");
            let carries_link = texts.text.contains("SECRET") && texts.html.contains("SECRET");
            assert_eq!(
                carries_link,
                kind.purpose().is_some()
                    || matches!(
                        kind,
                        MailKind::Welcome
                            | MailKind::EmailTaken
                            | MailKind::Invitation
                            | MailKind::SignUpWaits
                            | MailKind::SignUpAccepted
                    ),
                "{kind:?}"
            );
            let ends = kind.purpose().is_some() || kind == MailKind::Invitation;
            assert_eq!(texts.text.contains("30 minutes"), ends, "{kind:?}");
        }
    }

    #[test]
    fn text_parts_have_a_line_for_each_paragraph_and_links_stand_alone() {
        for kind in KINDS {
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
    fn both_parts_say_the_same() {
        for kind in KINDS {
            let texts = texts(kind);
            let html = words(&html_to_text(&texts.html));
            for paragraph in texts.text.replace("-- \n", "").split("\n\n") {
                assert!(html.contains(&words(paragraph)), "{kind:?}: {paragraph}\n{html}");
            }
        }
    }

    #[test]
    fn html_parts_fetch_nothing_and_lead_to_the_site_only() {
        for kind in KINDS {
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
    fn what_a_mail_speaks_of_is_text() {
        for kind in KINDS {
            let markup = "<b>\"'&";
            let texts = draw(
                kind,
                &Content {
                    site_name: markup,
                    email: markup,
                    address: markup,
                    detail: markup,
                    ..content()
                },
            );
            let texts = texts.unwrap();
            assert!(!texts.html.contains("<b>"), "{kind:?}");
            assert!(texts.text.contains(markup) && texts.subject.contains(markup), "{kind:?}");
        }
    }

    #[test]
    fn a_mail_is_the_same_each_time_it_is_put_together() {
        let mail = mail("Müller & Söhne, Köln", texts(MailKind::ResetPassword));
        assert_eq!(to_mime(&mail).unwrap().formatted(), to_mime(&mail).unwrap().formatted());
    }

    #[test]
    fn names_arrive_as_they_were_written() {
        let long = ["ä".repeat(60), "日本語".repeat(20), "😀".repeat(60), "W".repeat(60)];
        for name in [
            "authflow",
            "Müller & Söhne, Köln",
            "Ada’s 🏠 “Home”",
            "Say \"hello\" \\ to 'us'",
            "\"",
            "\\",
            "a, b; c: d@e (f) [g]",
            "<b>Angle</b> <eve@example.org>",
            "a.b",
            "...",
            "right \u{202e}to\u{2066} left",
        ]
        .into_iter()
        .chain(long.iter().map(String::as_str))
        {
            let texts = draw(MailKind::Welcome, &Content { site_name: name, ..content() }).unwrap();
            let message = received(&mail(name, texts));
            let address = "no-reply@login.example.org".to_owned();
            assert_eq!(from(&message), (name.to_owned(), address));
            let subject = format!("{name}: your account is ready");
            assert_eq!(message.subject().unwrap(), subject);
        }
    }

    #[test]
    fn names_break_no_line() {
        let name = "a\r\nBcc: eve@example.org\r\n\r\n\0\u{1b}[31m\u{7f}\u{85}b \u{2028} c";
        let texts = draw(MailKind::Welcome, &Content { site_name: name, ..content() }).unwrap();
        assert_eq!(texts.subject, "a Bcc: eve@example.org [31m b c: your account is ready");
        assert_eq!(from(&received(&mail(name, texts))).0, "a Bcc: eve@example.org [31m b c");
    }

    #[test]
    fn a_body_cannot_end_itself_however_short_it_is() {
        let body = "a\rb\0\r\n--=_019adf6b1c407000800000000000beef--\r\n.\r\nc";
        let texts = Texts { subject: "x".into(), text: body.into(), html: body.into() };
        let message = received(&mail("x", texts));
        assert_eq!([message.body_text(0).unwrap(), message.body_html(0).unwrap()], [body, body]);
    }

    /// Text made of what has a meaning somewhere in a mail, and of anything else.
    fn odd_text() -> impl Strategy<Value = String> {
        let meaningful = sample::select(vec![
            "\r\n",
            "\n",
            "\r",
            "\0",
            "\u{1b}",
            "\u{85}",
            "\u{2028}",
            "\u{202e}",
            "\r\nBcc: eve@example.org",
            "\r\n\r\n",
            "\r\n.\r\n",
            "\r\n--=_019adf6b1c407000800000000000beef",
            "\r\n--=_019adf6b1c407000800000000000beef--\r\n",
            "=20",
            "=",
            "\"",
            "\\",
            ",",
            "<",
            ">",
            " ",
            "\t",
            "ä",
            "😀",
            "word",
        ]);
        let piece = prop_oneof![meaningful.prop_map(str::to_owned), any::<String>()];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_that_a_mail_speaks_of_gets_out_of_its_place(
            kind in sample::select(KINDS.to_vec()),
            name in odd_text(),
            [email, address, detail] in [odd_text(), odd_text(), odd_text()],
        ) {
            // An encoded word in a subject is read as what it stands for.
            let name = name.replace("=?", "").chars().take(60).collect::<String>();
            let fields = Content {
                site_name: &name,
                email: &email,
                address: &address,
                detail: &detail,
                ..content()
            };
            let texts = draw(kind, &fields).unwrap();
            let mail = mail(&name, texts.clone());
            let message = received(&mail);

            let visible = |text: &str| words(&text.replace(char::is_control, " "));
            prop_assert_eq!(from(&message).0, visible(&name));
            let about = texts.subject.rsplit(": ").next().unwrap();
            let subject = visible(&format!("{name}: {about}"));
            prop_assert_eq!(message.subject().unwrap(), subject);
            let unix = |text: &str| text.replace("\r\n", "\n");
            prop_assert_eq!(unix(&message.body_text(0).unwrap()), unix(&texts.text));
            prop_assert_eq!(unix(&message.body_html(0).unwrap()), unix(&texts.html));
        }
    }
}
