//! Scripts, forms, uploads and web sockets reach the right app unchanged.

use super::*;

in_each! {
    scripts_forms_uploads_and_websockets_work
    a_request_reaches_the_app_that_the_gate_checked
}

/// Opens a WebSocket and sends a text; returns the head of the response and the echo.
async fn socket(stage: &Stage, cookies: &str) -> (String, String) {
    let stream = TcpStream::connect(stage.proxy).await.unwrap();
    let mut stream = stage.tls(stream).await;
    let host = stage.app(0).split("://").nth(1).unwrap().to_owned();
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://{host}\r\nSec-Fetch-Mode: websocket\r\n{cookies}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    while !read.windows(4).any(|it| it == b"\r\n\r\n") {
        assert_ne!(
            stream.read_buf(&mut read).await.unwrap(),
            0,
            "{}",
            String::from_utf8_lossy(&read)
        );
    }
    let head = String::from_utf8_lossy(&read).into_owned();
    let mut echo = [0; 5];
    if head.starts_with("HTTP/1.1 101") {
        stream.write_all(b"hello").await.unwrap();
        stream.read_exact(&mut echo).await.unwrap();
    }
    (head, String::from_utf8_lossy(&echo).into_owned())
}

async fn scripts_forms_uploads_and_websockets_work(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[]]).await else { return };
    let app = stage.app(0);
    let (refused, _) = socket(&stage, "").await;
    assert!(refused.starts_with("HTTP/1.1 401") && !refused.contains("ocation:"), "{refused}");
    for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS, Method::DELETE] {
        let refused = ada.send(method, &app, &SCRIPT, None).await;
        refused.is(401);
        assert!(!refused.headers.contains_key("location") && refused.set_cookies().is_empty());
    }
    let head = ada.send(Method::HEAD, &format!("{app}/x"), &NAVIGATION, None).await;
    assert!(head.status.is_redirection() && head.body.is_empty(), "{}", head.status);

    // A form that was sent after the session had expired.
    let form = format!("{app}/form?id=7");
    let post = async |browser: &Traveller| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("referer", form.as_str()),
            NAVIGATION[0],
            NAVIGATION[1],
        ];
        browser
            .send(Method::POST, &format!("{app}/save"), &headers, Some(b"text=long".to_vec()))
            .await
    };
    let sent = post(&ada).await;
    sent.is(303);
    let login = ada.follow(sent).await;
    login.says("your changes were not saved. Sign in and submit them again.");
    let there = ada.sign_in(&login, ADA).await;
    assert_eq!((there.path.as_str(), Got::from(&there).uri()), (form.as_str(), "/form?id=7"));
    let got = Got::from(&post(&ada).await);
    assert_eq!((&got.0["method"], &got.0["body"]), (&"POST".into(), &"text=long".into()));

    // With a session everything arrives unchanged.
    let large = "z".repeat(600_000);
    let headers = [("content-type", "application/octet-stream"), SCRIPT[0], SCRIPT[1]];
    let body = Some(large.clone().into_bytes());
    let got = Got::from(&ada.send(Method::PUT, &format!("{app}/large"), &headers, body).await);
    assert_eq!((&got.0["method"], got.0["body"] == large), (&"PUT".into(), true));
    ada.send(Method::HEAD, &app, &SCRIPT, None).await.is(200);
    for (path, status) in [("/own-401", 401), ("/own-403", 403), ("/own-500", 500)] {
        let own = ada.go(&format!("{app}{path}")).await;
        assert_eq!(Got::from(own.is(status)).uri(), path);
    }
    let cookies = ada.cookie_header(&app);
    let (opened, echo) = socket(&stage, &format!("Cookie: {cookies}\r\n")).await;
    assert!(opened.starts_with("HTTP/1.1 101"), "{opened}");
    assert_eq!(echo, "hello");
}

async fn a_request_reaches_the_app_that_the_gate_checked(kind: Kind) {
    let Some((stage, ada)) = set(kind, &[&[], &["--role", "admin"]]).await else { return };
    let (app, wiki) = (stage.app(0), stage.app(1));
    let login = ada.open(&app).await;
    Got::from(&ada.sign_in(&login, ADA).await);
    let cookies = ada.cookie_header(&app);
    let authority = |origin: &str| origin.split("://").nth(1).unwrap().to_owned();
    // The Host header names another host than the URL.
    let (one, other) = (authority(&app), authority(&wiki));
    for host in [other.as_str(), "internal.lan", "app.localhost:1"] {
        let request = format!(
            "GET {app}/secret HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        );
        let answer = raw(&stage, &request).await;
        if answer.starts_with("HTTP/1.1 200") {
            assert!(
                answer.contains(&one) && !answer.contains(&format!("\"{host}\"")),
                "{host}: {answer}"
            );
        }
    }
    // An upgrade to another protocol.
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {one}\r\nCookie: {cookies}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
    );
    let answer = tokio::time::timeout(
        std::time::Duration::from_secs(20),
        raw(&stage, &request.replace("Upgrade, HTTP2", "close, Upgrade, HTTP2")),
    )
    .await
    .unwrap();
    assert!(
        !answer.starts_with("HTTP/1.1 101") && !answer.to_lowercase().contains("h2c"),
        "{answer}"
    );
}
