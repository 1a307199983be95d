//! Builds an email as a MIME message (RFC 5322, RFC 2046).

use std::error::Error;

use lettre::Message;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue,
};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};

use crate::mail::outgoing::Mail;
use crate::mail::quote::one_line;
use crate::mail::transport::DeliveryError;

/// Marks the email as automatic, so that mail programs send no automatic reply (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Builds the message. The same email always gives the same bytes.
pub fn to_mime(mail: &Mail) -> Result<Message, DeliveryError> {
    // This encoding produces only short ASCII lines. None of them can be the boundary, because it never produces `=_` (RFC 2045, 6.7).
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
    use proptest::prelude::*;
    use proptest::sample;

    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::email::mail_kind::MailKind;
    use crate::domain::id::MailId;
    use crate::mail::letters::letter::Content;
    use crate::mail::outgoing::Texts;
    use crate::mail::texts::tests::{content, english, readers, words};
    use crate::mail::texts::{render, render_test};

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
            secrets: Vec::new(),
        }
    }

    /// Parses a message as mail programs do. First checks that any server can relay its bytes, and that it has only our headers.
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

    fn welcome(site_name: &str) -> Texts {
        let content = Content { site_name, ..content(MailKind::Welcome) };
        render(MailKind::Welcome, &content, &english()).unwrap()
    }

    fn from(message: &mail_parser::Message<'_>) -> (String, String) {
        let from = message.from().unwrap();
        assert_eq!(from.iter().count(), 1);
        let from = from.first().unwrap();
        (from.name().unwrap_or_default().to_owned(), from.address().unwrap().to_owned())
    }

    #[test]
    fn every_email_matches_its_snapshot() {
        for reader in readers() {
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.set_snapshot_path(format!("snapshots/{}", reader.language.code));
            let _bound = settings.bind_to_scope();
            for kind in MailKind::ALL.iter().copied() {
                let original = content(kind);
                let detail = match kind {
                    MailKind::EmailChangeRequested | MailKind::EmailChanged => {
                        "ada@new.example.org"
                    }
                    MailKind::CalledBack => "ada@old.example.org",
                    MailKind::RecoveryCodeUsed => "9",
                    MailKind::ResetPassword => "",
                    MailKind::SecondFactorRemoved => "She lost her phone and called me",
                    _ => original.detail,
                };
                let to_stranger = [
                    MailKind::VerifyEmail,
                    MailKind::VerifyAccountEmail,
                    MailKind::ConfirmEmail,
                    MailKind::AddressReserved,
                    MailKind::CalledBack,
                    MailKind::Invitation,
                    MailKind::InvitationLost,
                ];
                let greeted = original.greeted.filter(|_| !to_stranger.contains(&kind));
                let content = Content { greeted, detail, ..original };
                assert_snapshot(&format!("{kind:?}"), render(kind, &content, &reader).unwrap());
            }
            for (name, kind, detail) in [
                ("ResetPasswordByAdministrator", MailKind::ResetPassword, "an administrator"),
                ("RecoveryCodeUsedOneLeft", MailKind::RecoveryCodeUsed, "1"),
                ("RecoveryCodeUsedNoneLeft", MailKind::RecoveryCodeUsed, "0"),
            ] {
                let content = Content { detail, ..content(kind) };
                assert_snapshot(name, render(kind, &content, &reader).unwrap());
            }
            let kind = MailKind::Invitation;
            let unnamed = Content { greeted: None, inviter: None, ..content(kind) };
            let unnamed = render(kind, &unnamed, &reader).unwrap();
            assert_snapshot("InvitationWithoutName", unnamed);
            let content = Content { greeted: None, ..content(MailKind::Welcome) };
            assert_snapshot("Test", render_test(&content, &reader).unwrap());
        }
    }

    fn assert_snapshot(name: &str, texts: Texts) {
        let message = received(&mail("Müller & Söhne", texts));
        let (from, address) = from(&message);
        let mut shown = format!("From: {from} <{address}>\n");
        writeln!(shown, "Subject: {}", message.subject().unwrap()).unwrap();
        for header in ["To", "Message-ID", "Auto-Submitted", "Content-Type"] {
            let value = words(message.header_raw(header).unwrap());
            writeln!(shown, "{header}: {value}").unwrap();
        }
        let (text, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
        write!(shown, "\n{text}\n\n{html}").unwrap();
        insta::assert_snapshot!(name, shown);
    }

    #[test]
    fn a_message_always_has_the_same_bytes() {
        let mail = mail(
            "Müller & Söhne, Köln",
            render(MailKind::ResetPassword, &content(MailKind::ResetPassword), &english()).unwrap(),
        );
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
            let texts = welcome(name);
            let message = received(&mail(name, texts));
            let address = "no-reply@login.example.org".to_owned();
            assert_eq!(from(&message), (name.to_owned(), address));
            let subject = format!("{name}: your account is ready");
            assert_eq!(message.subject().unwrap(), subject);
        }
    }

    #[test]
    fn names_cannot_add_lines_to_the_header() {
        let name = "a\r\nBcc: eve@example.org\r\n\r\n\0\u{1b}[31m\u{7f}\u{85}b \u{2028} c";
        let texts = welcome(name);
        assert_eq!(texts.subject, "a Bcc: eve@example.org [31m b c: your account is ready");
        assert_eq!(from(&received(&mail(name, texts))).0, "a Bcc: eve@example.org [31m b c");
    }

    #[test]
    fn even_a_short_body_cannot_contain_the_boundary() {
        let body = "a\rb\0\r\n--=_019adf6b1c407000800000000000beef--\r\n.\r\nc";
        let texts = Texts { subject: "x".into(), text: body.into(), html: body.into() };
        let message = received(&mail("x", texts));
        assert_eq!([message.body_text(0).unwrap(), message.body_html(0).unwrap()], [body, body]);
    }

    /// Text with characters and words that are special in a message, and any others.
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
        // The characters that stand for markup are replaced: see `i18n::localized`.
        let is_marker = |c: char| ('\u{fdd0}'..='\u{fdef}').contains(&c);
        prop::collection::vec(piece, 0..8)
            .prop_map(move |pieces| pieces.concat().replace(is_marker, ""))
    }

    proptest! {
        #[test]
        fn content_stays_in_its_part_of_the_message(
            kind in sample::select(MailKind::ALL),
            name in odd_text(),
            [email, address, detail] in [odd_text(), odd_text(), odd_text()],
        ) {
            // Mail programs decode encoded words in a subject.
            let name = name.replace("=?", "").chars().take(60).collect::<String>();
            let fields = Content {
                site_name: &name,
                email: &email,
                address: &address,
                detail: &detail,
                ..content(kind)
            };
            let texts = render(kind, &fields, &english()).unwrap();
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
