//! Input that no form of the site could send gets a clear 4xx page and changes nothing.

use super::support::*;
use reqwest::Method;

async fn nothing_changed(app: &TestApp) {
    assert_eq!(app.rows("users").await, 0);
    assert_eq!(app.rows("outbox").await, 0);
    assert_eq!(app.rows("sessions").await, 0);
}

/// Bad sign-up bodies, each with the expected status and part of the message.
fn bad_forms(token: &str) -> Vec<(&'static str, String, u16, &'static str)> {
    let good = format!("csrf_token={token}&username=Ada&email=ada%40example.org");
    let password = encode(&[("password", PASSWORD), ("confirm_password", PASSWORD)]);
    let long = "x".repeat(10_000);
    let fields = (0..65).map(|n| format!("f{n}=")).collect::<Vec<_>>().join("&");
    vec![
        ("broken UTF-8", format!("{good}%ff&{password}"), 400, "not valid text"),
        ("NUL", format!("{good}%00&{password}"), 400, "not valid text"),
        ("1 MB", format!("{good}&{password}&x={}", "x".repeat(1 << 20)), 413, "larger than 64 KiB"),
        ("65 fields", format!("{good}&{password}&{fields}"), 413, "64 fields"),
        (
            "twice the same field",
            format!("{good}&{password}&email=eve%40example.org"),
            422,
            "sent twice",
        ),
        ("missing fields", format!("csrf_token={token}"), 422, "Enter a name"),
        (
            "a 10,000-character password",
            format!("{good}&password={long}&confirm_password={long}"),
            422,
            "too long (at most 256 characters)",
        ),
        (
            "control characters in the name",
            format!("csrf_token={token}&username=A%01da&email=a%40b.example&{password}"),
            422,
            "This name contains a control character",
        ),
        (
            "line breaks in the address",
            format!(
                "csrf_token={token}&username=Ada&email=a%40b.example%0d%0aBcc:x%40y.example&{password}"
            ),
            422,
            "has a second at sign",
        ),
        (
            "a very long address",
            format!("csrf_token={token}&username=Ada&email={long}%40b.example&{password}"),
            422,
            "is too long",
        ),
        ("nothing", String::new(), 403, "This page had expired"),
        ("noise", "&&&===%&%zz".into(), 403, "This page had expired"),
    ]
}

#[tokio::test]
async fn malformed_forms_are_refused() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let token = browser.get("/auth/register").await.value("csrf_token").unwrap();
    for (name, body, status, says) in bad_forms(&token) {
        let page = browser.post_raw("/auth/register", body).await;
        assert_eq!(page.status.as_u16(), status, "{name}: {}", page.text());
        page.says(says);
        assert!(page.header("content-type").starts_with("text/html"), "{name}");
    }
    nothing_changed(&app).await;
}

#[tokio::test]
async fn raw_bytes_and_other_content_types_are_refused() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let token = browser.get("/auth/register").await.value("csrf_token").unwrap();
    let mut body = format!("csrf_token={token}&email=ada%40example.org&username=").into_bytes();
    body.push(0xff);
    browser.post_raw("/auth/register", body).await.is(400);
    for kind in ["multipart/form-data; boundary=x", "application/json", "text/plain", ""] {
        let page = browser
            .send(Method::POST, "/auth/register", &[("content-type", kind)], Some(b"{}".to_vec()))
            .await;
        page.is(415);
    }
    nothing_changed(&app).await;
}

#[tokio::test]
async fn a_chunked_flood_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start().await;
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let head = "POST /auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let mut sent = 0;
    while sent < 1_000 && stream.write_all(chunk.as_bytes()).await.is_ok() {
        sent += 1;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    // The response may be lost if the connection closes while the client is still sending. Only the close matters.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer:.80}");
    assert!(sent < 1_000, "{sent} chunks were accepted");
    app.browser().get("/health").await.is(200);
}

#[tokio::test]
async fn wrong_passwords_of_any_length_and_kind_are_refused_cleanly() {
    let app = TestApp::start().await;
    let browser = app.browser();
    browser
        .sign_in(ADA, &"x".repeat(10_000))
        .await
        .is(422)
        .says("too long (at most 256 characters)");
    browser.sign_in(ADA, "").await.is(422).says("Enter a password.");
    browser.sign_in("", "x").await.is(422).says("Enter your email or handle.");
    browser.sign_in("' OR 1=1 --@example.org", "' OR 1=1 --").await.is(422);
    browser.sign_in("ada'--@example.org", "' OR '1'='1").await.is(401);
    nothing_changed(&app).await;
}
