//! Certificates, TLS and authentication.

use super::*;

#[tokio::test]
async fn an_unencrypted_connection_must_be_enabled_explicitly() {
    // TLS is required but not offered: the server receives neither the password nor the email.
    let server = SmtpServer::start(Manner { user: Some(USER), ..PLAIN }).await;
    let app = app_at(&url("smtp", &server, "?tls=required"), &server, &[]).await;
    assert!(matches!(sign_up(&app).await, Delivered::Blocked(_)));
    assert!(server.received().is_empty());
    let (waiting, _, why) = state(&app).await;
    assert!(waiting == "waiting" && why.contains("offers no STARTTLS"), "{why}");

    // On the same machine this is the default. Elsewhere it must be set explicitly.
    for rest in ["", "?tls=off"] {
        let app = app_at(&url("smtp", &server, rest), &server, &[]).await;
        assert_eq!(sign_up(&app).await, Delivered::One);
    }
    assert!(server.received().iter().all(|mail| !mail.encrypted));
}

#[tokio::test]
async fn an_invalid_certificate_is_refused() {
    // Signed by another authority.
    let server = SmtpServer::start(STARTTLS).await;
    let other = SmtpServer::start(STARTTLS).await;
    let app = app_at(&url("smtp", &server, "?tls=required"), &other, &[]).await;
    assert!(matches!(sign_up(&app).await, Delivered::Blocked(_)));
    let (_, _, why) = state(&app).await;
    assert!(why.contains("not signed by an authority"), "{why}");

    // Not signed by an authority of the system.
    let app = TestApp::with(&[
        ("MAIL_TRANSPORT", "smtp"),
        ("SMTP_URL", &url("smtp", &server, "?tls=required")),
        FROM,
    ])
    .await;
    assert!(matches!(sign_up(&app).await, Delivered::Blocked(_)));

    // Issued for another name.
    let server = SmtpServer::at("127.0.0.1:0", TLS, &["mail.example.org"]).await;
    let app = app_at(&url("smtps", &server, ""), &server, &[]).await;
    assert!(matches!(sign_up(&app).await, Delivered::Blocked(_)));
    let (_, _, why) = state(&app).await;
    assert!(why.contains("for another name"), "{why}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn an_invalid_certificate_is_accepted_on_the_same_machine() {
    let server = SmtpServer::start(Manner { user: None, ..STARTTLS }).await;
    let other = SmtpServer::start(PLAIN).await;
    let app = plain_app(&server, &[]).await;
    assert_eq!(sign_up(&app).await, Delivered::One);
    let untrusting = app_at(&format!("smtp://localhost:{}", server.port), &other, &[]).await;
    assert_eq!(sign_up(&untrusting).await, Delivered::One);
    let encrypted: Vec<bool> = server.received().iter().map(|mail| mail.encrypted).collect();
    assert_eq!(encrypted, [true, false]);
}

#[tokio::test]
async fn replies_injected_before_tls_are_ignored() {
    let server =
        SmtpServer::start(Manner { quirk: Some(Quirk::InjectAfterStartTls), ..STARTTLS }).await;
    let app = app_at(&url("smtp", &server, "?tls=required"), &server, &[]).await;
    assert!(matches!(sign_up(&app).await, Delivered::Blocked(_)));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn auth_login_works() {
    let server = SmtpServer::start(Manner { only_login: true, ..STARTTLS }).await;
    let app = app_at(&url("smtp", &server, "?tls=required"), &server, &[]).await;
    assert_eq!(sign_up(&app).await, Delivered::One);
    assert_eq!(server.received()[0].user.as_deref(), Some(USER.0));
}
