//! Malformed requests get a clear JSON error and change nothing.

use reqwest::Method;
use serde_json::json;

use crate::support::*;

const LOGIN: &str = "/api/auth/login";

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_refused() {
    let app = TestApp::start().await;
    let api = app.api().await;
    let good = json!({ "email": ADA, "password": PASSWORD }).to_string();
    let cut = &good[..good.len() - 1];
    let deep = |depth| format!("{{\"email\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    for path in ["register", "login", "refresh", "forgot-password", "reset-password"] {
        let path = format!("/api/auth/{path}");
        for (body, status, word) in [
            (b"".to_vec(), 400, "invalid_json"),
            (cut.into(), 400, "invalid_json"),
            (format!("{good}{good}").into(), 400, "invalid_json"),
            (b"{\"email\":\"\xff\"}".to_vec(), 400, "invalid_json"),
            (deep(25_000).into(), 422, "invalid_fields"),
            (b"{\"no\":1}".to_vec(), 422, "invalid_fields"),
            (format!("[{good}]").into(), 400, "invalid_json"),
            (b"null".to_vec(), 400, "invalid_json"),
            (vec![b' '; 64 * 1024 + 1], 413, "too_large"),
            (vec![b' '; 9 * 1024 * 1024], 413, "too_large"),
        ] {
            let length = body.len();
            let answer = api.post_raw(&path, body).await;
            assert_eq!(
                (answer.status, answer.text("error")),
                (status, word),
                "{path}, {length} bytes"
            );
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            let headers = [("content-type", kind)];
            let answer = api.send(Method::POST, &path, &headers, Some(good.clone().into())).await;
            answer.refuses(415, "unsupported_media_type");
        }
        api.press(&path).await.refuses(415, "unsupported_media_type");
    }
    assert_eq!(app.rows("users").await, 0);
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        let headers = [("content-type", kind)];
        let answer = api.send(Method::POST, LOGIN, &headers, Some(good.clone().into())).await;
        answer.refuses(401, "wrong_credentials");
    }
    let misspelt = json!({ "email": ADA, "passwort": PASSWORD, "otp": "123456" });
    api.post(LOGIN, misspelt).await.names(&["otp", "passwort"]).says("no such field");
    // Exactly the maximum size.
    let body = json!({ "email": ADA, "password": "x".repeat(65_000) });
    api.post(LOGIN, body).await.names(&["password"]);
}

#[tokio::test]
async fn unknown_methods_and_paths_get_a_json_error() {
    let app = TestApp::start().await;
    let api = app.api().await;
    let answer = api.get(LOGIN).await;
    assert_eq!(answer.refuses(405, "method_not_allowed").header("allow"), "POST");
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE] {
        api.send(method, "/api/auth/profile", &[], None).await.refuses(405, "method_not_allowed");
    }
    let answer = api.send(Method::POST, "/health", &[], None).await;
    answer.refuses(405, "method_not_allowed");
    let head = app.browser().send(Method::HEAD, "/api/auth/profile", &[], None).await;
    assert_eq!((head.is(401).header("www-authenticate"), head.body.as_str()), ("Bearer", ""));
    for path in ["/api", "/api/", "/api/x", "/api/auth", "/api/auth/login/", "/.well-known/x"] {
        api.get(path).await.refuses(404, "not_found");
        api.post(path, json!({})).await.refuses(404, "not_found");
    }
    app.browser().get("/apix").await.is(404).says("Page not found");
}

#[tokio::test]
async fn invalid_http_framing_gets_a_json_error() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start().await;
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let no_host = "GET /api/auth/profile HTTP/1.1\r\nconnection: close\r\n\r\n";
    stream.write_all(no_host.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("\"bad_request\""), "{answer}");
    assert!(answer.contains("application/json") && !answer.contains('<'), "{answer}");
}

#[tokio::test]
async fn a_full_hashing_queue_answers_503() {
    let app = TestApp::start().await;
    let busy = app.beside(|app| {
        let mut passwords = app.config.passwords.clone();
        passwords.argon2 = argon2::Params::new(65_536, 2, 1, None).unwrap();
        (passwords.workers, passwords.queue) = (1, 1);
        app.hasher = authflow::hasher::Hasher::start(&passwords).unwrap();
    });
    let api = ApiClient::at(busy.await.address()).await;
    let rush = (0..12).map(|n| {
        let (mut api, email) = (api.clone(), format!("user{n}@example.org"));
        tokio::spawn(async move { api.login(&email, PASSWORD).await })
    });
    let mut refused = 0;
    for one in rush.collect::<Vec<_>>() {
        let answer = one.await.unwrap();
        if answer.status == 503 {
            refused += 1;
            assert_eq!(answer.refuses(503, "unavailable").header("retry-after"), "5");
        } else {
            answer.refuses(401, "wrong_credentials");
        }
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_server_without_its_database_answers_503_in_json() {
    use tower::ServiceExt;
    for base in ["", "/id"] {
        let url = format!("http://localhost:5000{base}");
        let origin = ("CORS_ALLOWED_ORIGINS", "https://app.example.org");
        let config = Ground::on(None, &[("PUBLIC_URL", &url), origin]).config.into();
        for path in ["/api/auth/login", "/health"] {
            let ask = axum::http::Request::post(format!("{base}{path}")).header("origin", origin.1);
            let ask = ask.body(axum::body::Body::empty()).unwrap();
            let response = authflow::routes::starting(&config).oneshot(ask).await.unwrap();
            assert_eq!(response.status(), 503, "{base}{path}");
            assert_eq!(response.headers()["retry-after"], "5");
            let allowed = response.headers().get("access-control-allow-origin");
            assert_eq!(allowed.is_some_and(|it| it == origin.1), path.starts_with("/api"));
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["error"], "unavailable");
        }
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_times_out() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::start().await;
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let request = "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                   content-length: 100\r\nconnection: close\r\n\r\n{";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"timed_out\""), "{answer}");
}
