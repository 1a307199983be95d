//! Mail servers with unusual replies, and our name in EHLO.

use super::*;

#[tokio::test]
async fn replies_in_any_encoding_and_form_count_by_their_code() {
    let long = format!("220 {}", "x".repeat(60_000));
    let long: &'static str = Box::leak(long.into_boxed_str());
    for quirk in [
        Quirk::Greet("220 Grüß Gott, hier ist der Postausgang"),
        Quirk::Greet("220-Grüß Gott\r\n220-\r\n220 größer"),
        Quirk::Greet("220"),
        Quirk::Greet("220 "),
        Quirk::Greet("220-a\n220 b"),
        Quirk::Greet(long),
        Quirk::Offer("250"),
        Quirk::Offer("250-müller.example\r\n250-8bitmime\r\n250 "),
        Quirk::OnlyHelo,
        Quirk::Sender("250"),
        Quirk::Recipient("250-schön\r\n250", 9),
        Quirk::Recipient("251 5.1.0 wird weitergeleitet an Jürgen", 9),
        Quirk::Content("250"),
        Quirk::Content("250 2.0.0 übernommen"),
    ] {
        let server = SmtpServer::start(Manner::with(quirk)).await;
        let app = plain_app(&server, &[]).await;
        assert_eq!(sign_up(&app).await, Delivered::One, "{quirk:?}");
        assert_eq!(state(&app).await, ("sent".into(), 1, String::new()), "{quirk:?}");
        assert_eq!(server.received().len(), 1, "{quirk:?}");
    }
}

#[tokio::test]
async fn refusals_in_any_encoding_stay_readable() {
    for (quirk, state_then, why) in [
        (
            Quirk::Greet("554 Zugriff verweigert für Sie"),
            "waiting",
            "554 Zugriff verweigert für Sie",
        ),
        (Quirk::Greet("421"), "waiting", "421"),
        (Quirk::Sender("451 später"), "waiting", "the server accepts no email: 451 später"),
        (
            Quirk::Recipient("450-4.2.0 später,\r\n450 4.2.0 überlastet", 1),
            "waiting",
            "the server deferred the recipient: 450 4.2.0 später, überlastet",
        ),
        (
            Quirk::Recipient("550 5.1.1 Empfänger unbekannt", 1),
            "failed",
            "the server refused the recipient: 550 5.1.1 Empfänger unbekannt",
        ),
        (
            Quirk::Content("554 5.7.1 Spam\u{e9}\u{1b}[31m"),
            "failed",
            "the server refused the email: 554 5.7.1 Spamé [31m",
        ),
    ] {
        let server = SmtpServer::start(Manner::with(quirk)).await;
        let app = plain_app(&server, &[]).await;
        sign_up(&app).await;
        let (found, _, error) = state(&app).await;
        assert!(found == state_then && error.ends_with(why), "{found}: {error}");
    }
}

#[tokio::test]
async fn keywords_of_ehlo_are_case_insensitive() {
    for offer in [
        "250-mail.test\r\n250-starttls\r\n250 auth login plain",
        "250-mail.test\r\n250-StartTls\r\n250-Auth=Login\r\n250 help",
        "250-mail.test\r\n250-STARTTLS\r\n250-AUTH=LOGIN PLAIN\r\n250 AUTH CRAM-MD5",
        "250-größe.test\r\n250-starttls \r\n250 auth\tPlain",
    ] {
        let server =
            SmtpServer::start(Manner { quirk: Some(Quirk::Offer(offer)), ..STARTTLS }).await;
        let app = app_at(&url("smtp", &server, "?tls=required"), &server, &[]).await;
        assert_eq!(sign_up(&app).await, Delivered::One, "{offer}");
        let [mail] = &server.received()[..] else { panic!("{offer}") };
        assert!(mail.encrypted && mail.user.as_deref() == Some(USER.0), "{offer}");
    }
}

#[tokio::test]
async fn ehlo_says_a_qualified_name() {
    let server = SmtpServer::start(PLAIN).await;
    let url = format!("smtp://localhost:{}", server.port);
    for (public_url, from, hello) in [
        ("https://login.example.org", "a@example.com", "login.example.org"),
        ("https://login.example.org:8443/id", "a@example.com", "login.example.org"),
        ("https://auth", "a@example.com", "example.com"),
        ("https://my_login.example.org", "a@example.com", "example.com"),
        ("https://192.0.2.7", "a@example.com", "example.com"),
        ("http://localhost:5000", "a@example.com", "example.com"),
        ("https://auth", "a@mail", "[127.0.0.1]"),
    ] {
        let app = app_at(&url, &server, &[("PUBLIC_URL", public_url), ("MAIL_FROM", from)]).await;
        app.app.mail.check().await.unwrap();
        assert_eq!(server.hello(), hello, "{public_url}, {from}");
    }
}
