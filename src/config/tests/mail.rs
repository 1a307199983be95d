//! How emails are sent.

use super::{problems, read};
use crate::config::Config;

type Variable = (&'static str, &'static str);

const SITE: Variable = ("PUBLIC_URL", "https://login.example.org");
const SMTP: Variable = ("MAIL_TRANSPORT", "smtp");
const RESEND: Variable = ("MAIL_TRANSPORT", "resend");

fn config(variables: &[(&str, &str)]) -> Config {
    read(variables).unwrap().config
}

fn sender(variables: &[(&str, &str)]) -> String {
    config(variables).mail_from.to_string()
}

#[test]
fn transports_describe_themselves_without_secrets() {
    for (variables, description) in [
        (
            [SITE, SMTP, ("SMTP_URL", "smtp://ada:hunter2@mail.example.org")],
            "SMTP to mail.example.org:587, STARTTLS",
        ),
        (
            [SITE, SMTP, ("SMTP_URL", "smtp://[2001:db8::1]?tls=off")],
            "SMTP to [2001:db8::1]:25, UNENCRYPTED",
        ),
        ([SITE, RESEND, ("RESEND_API_KEY", "re_hunter2")], "Resend at https://api.resend.com"),
    ] {
        let config = config(&variables);
        assert_eq!(config.mail.describe(), description);
        assert_eq!(config.mail_from.to_string(), "authflow <no-reply@login.example.org>");
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
        assert!(config.mailbox().is_none());
    }
    assert!(config(&[]).mailbox().is_some());
}

#[test]
fn the_sender_is_derived_from_the_site_unless_it_is_set() {
    // A site from which no email can come needs a sender only if emails are sent.
    for site in ["http://10.0.0.1", "https://my_login.example.org", "http://localhost:5000"] {
        let risk = ("ACCEPT_RISKS", "plain-http");
        let file = [("PUBLIC_URL", site), ("MAIL_TRANSPORT", "file"), risk];
        assert_eq!(sender(&file), "authflow <no-reply@localhost>", "{site}");
    }
    let dot = ("PUBLIC_URL", "https://login.example.org.");
    let from = "authflow <no-reply@login.example.org>";
    assert_eq!(sender(&[dot, RESEND, ("RESEND_API_KEY", "x")]), from);
    for (written, read) in [
        ("ada@Example.org", "authflow <ada@example.org>"),
        ("\"\" <ada@example.org>", "authflow <ada@example.org>"),
        ("\"Müller, Köln\" <ada@bücher.example>", "\"Müller, Köln\" <ada@xn--bcher-kva.example>"),
    ] {
        assert_eq!(sender(&[("MAIL_FROM", written)]), read);
    }
    for wrong in
        ["ada", "Müller, Köln <ada@example.org>", "nö@example.org", "a\u{7}b <ada@example.org>"]
    {
        let found = problems(&[("MAIL_FROM", wrong)]);
        assert!(found[0].starts_with("MAIL_FROM ") && found.len() == 1, "{wrong}: {found:?}");
    }
    for name in ["\"a\u{7}b\"".to_owned(), "ä".repeat(61)] {
        let found = problems(&[("MAIL_FROM", &format!("{name} <ada@example.org>"))]);
        assert!(found[0].starts_with("MAIL_FROM has a name that is longer"), "{found:?}");
    }
}

#[test]
fn wrong_variables_of_a_transport_are_reported_without_their_values() {
    for (variables, problem) in [
        (&[SITE, SMTP][..], "SMTP_URL is required with MAIL_TRANSPORT=smtp"),
        (&[SITE, SMTP, ("SMTP_URL", "mail.example.org")], "SMTP_URL is no URL"),
        (
            &[SITE, SMTP, ("SMTP_URL", "smtps://x"), ("SMTP_CA_FILE", "/nowhere")],
            "SMTP_CA_FILE cannot be read",
        ),
        (
            &[SITE, SMTP, ("SMTP_URL", "smtps://x"), ("SMTP_CA_FILE", "/dev/null")],
            "SMTP_CA_FILE holds no certificates",
        ),
        (&[SITE, RESEND], "RESEND_API_KEY is required"),
        (&[SITE, RESEND, ("RESEND_API_KEY", "re hunter2")], "RESEND_API_KEY holds characters"),
        (
            &[SITE, RESEND, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "http://example.org")],
            "RESEND_API_URL must begin with https://",
        ),
        (
            &[SITE, RESEND, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "http://127.evil.example")],
            "RESEND_API_URL must begin with https://",
        ),
        (
            &[SITE, RESEND, ("RESEND_API_KEY", "x"), ("RESEND_API_URL", "https://u:hunter2@x")],
            "RESEND_API_URL must begin with https://",
        ),
        (
            &[SITE, ("MAIL_TRANSPORT", "pigeon")],
            "MAIL_TRANSPORT must be one of: file, smtp, resend",
        ),
        (&[SMTP, ("SMTP_URL", "smtp://mail.example.org")], "MAIL_FROM is required"),
        (
            &[SITE, SMTP, ("SMTP_URL", "smtp://x"), ("MAIL_TIMEOUT", "1h")],
            "MAIL_TIMEOUT must be from 1s to 10m",
        ),
    ] {
        let found = problems(variables);
        assert!(found.len() == 1 && found[0].starts_with(problem), "{problem}: {found:?}");
        assert!(!found[0].contains("hunter2"));
    }
}

#[test]
fn variables_of_another_transport_are_warnings() {
    let warnings = read(&[("SMTP_URL", "smtp://x"), ("SMTP_ULR", "smtp://x")]).unwrap().warnings;
    let expected =
        "SMTP_URL has no effect with MAIL_TRANSPORT=file; did you mean MAIL_TRANSPORT=smtp?";
    assert!(warnings.contains(&expected.to_owned()), "{warnings:?}");
    assert!(warnings.iter().any(|it| it.ends_with("did you mean SMTP_URL?")), "{warnings:?}");
}
