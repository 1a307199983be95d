//! A stub of Resend's API, following its documentation.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::{Sleep, sleep};

use super::wait_until;

pub const API_KEY: &str = "re_a_key_for_tests";

/// A request to send an email.
#[derive(Clone, Debug)]
pub struct Request {
    pub key: String,
    pub user_agent: String,
    pub body: Value,
}

/// An alternative response to the next request to send an email.
#[derive(Clone, Debug)]
pub enum Instead {
    /// This status, error name and `Retry-After`.
    Answer(u16, &'static str, Option<u64>),
    /// No response.
    Silence,
    /// Accepts the email, but sends no response.
    TakenInSilence,
    /// Success, with a body shorter than its `Content-Length`.
    TakenAndBrokenOff,
    /// A redirect to this URL.
    Redirect(String),
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    requests: Vec<Request>,
    /// The accepted emails, by idempotency key.
    taken: HashMap<String, (Value, String)>,
    instead: Vec<Instead>,
    domains: Vec<(&'static str, &'static str)>,
    is_restricted: bool,
    success: u16,
}

pub struct ResendStub {
    pub url: String,
    shared: Shared,
    serving: tokio::task::JoinHandle<()>,
}

impl ResendStub {
    pub async fn start() -> Self {
        let shared = Shared::default();
        shared.0.lock().unwrap().success = 200;
        let router = Router::new()
            .route("/emails", post(send))
            .route("/domains", get(domains))
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum_serve(listener, router).await });
        Self { url, shared, serving }
    }

    /// Queues responses for the next requests to send an email.
    pub fn instead(&self, answers: &[Instead]) {
        self.shared.0.lock().unwrap().instead.extend_from_slice(answers);
    }

    pub fn success(&self, status: u16) {
        self.shared.0.lock().unwrap().success = status;
    }

    pub fn domains(&self, domains: &[(&'static str, &'static str)]) {
        self.shared.0.lock().unwrap().domains = domains.to_vec();
    }

    /// Restricts the API key to sending.
    pub fn restrict(&self) {
        self.shared.0.lock().unwrap().is_restricted = true;
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.0.lock().unwrap().requests.clone()
    }

    /// The number of sent emails.
    pub fn sent(&self) -> usize {
        self.shared.0.lock().unwrap().taken.len()
    }

    /// Waits until `count` requests have arrived.
    pub async fn wait_for(&self, count: usize) -> Vec<Request> {
        let arrived = wait_until(async || self.requests().len() >= count).await;
        assert!(arrived, "{} of {count} requests arrived", self.requests().len());
        self.requests()
    }
}

impl Drop for ResendStub {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn axum_serve(listener: TcpListener, router: Router) {
    let (sender, shown) = tokio::sync::watch::channel(router);
    let limits = authflow::server::Limits::default();
    authflow::server::serve(listener, shown, |_| true, limits, std::future::pending()).await;
    drop(sender);
}

/// A response body that ends with an error.
struct BrokenOff {
    piece: Option<Bytes>,
    /// Waits until the head of the response has been sent.
    pause: Pin<Box<Sleep>>,
}

impl HttpBody for BrokenOff {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(piece) = self.piece.take() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        ready!(self.pause.as_mut().poll(context));
        Poll::Ready(Some(Err(std::io::Error::other("the line is cut"))))
    }
}

fn error(status: u16, name: &str, message: &str) -> Response {
    let body = json!({ "statusCode": status, "name": name, "message": message });
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}

fn unknown(headers: &HeaderMap) -> Option<Response> {
    match headers.get("authorization").map(|it| it.to_str().unwrap()) {
        None => Some(error(401, "missing_api_key", "Missing API key in the authorization header.")),
        Some(text) if text == format!("Bearer {API_KEY}") => None,
        Some(_) => Some(error(403, "invalid_api_key", "API key is invalid.")),
    }
}

async fn send(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).map_or("", |it| it.to_str().unwrap()).to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let key = header("idempotency-key");
    let request =
        Request { key: key.clone(), user_agent: header("user-agent"), body: body.clone() };
    let (instead, success) = {
        let mut inner = shared.0.lock().unwrap();
        inner.requests.push(request);
        let instead = if inner.instead.is_empty() { None } else { Some(inner.instead.remove(0)) };
        (instead, inner.success)
    };
    if let Some(refusal) = unknown(&headers) {
        return refusal;
    }
    match instead {
        Some(Instead::Answer(status, name, pause)) => {
            let mut answer = error(status, name, "as the test wants it");
            if let Some(seconds) = pause {
                answer.headers_mut().insert("retry-after", seconds.into());
            }
            return answer;
        }
        Some(Instead::Silence) => return std::future::pending().await,
        Some(Instead::TakenInSilence) => {
            take(&shared, &key, &body);
            return std::future::pending().await;
        }
        Some(Instead::TakenAndBrokenOff) => {
            take(&shared, &key, &body);
            let piece = Some(Bytes::from("{\"id\":"));
            let pause = Box::pin(sleep(Duration::from_millis(100)));
            return Body::new(BrokenOff { piece, pause }).into_response();
        }
        Some(Instead::Redirect(to)) => {
            return (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response();
        }
        None => {}
    }
    for field in ["from", "to", "subject"] {
        if body[field].is_null() {
            return error(422, "missing_required_field", "Missing a field.");
        }
    }
    match take(&shared, &key, &body) {
        Some(id) => {
            let answer = json!({ "id": id }).to_string();
            (StatusCode::from_u16(success).unwrap(), answer).into_response()
        }
        None => error(409, "invalid_idempotent_request", "Same key, other payload."),
    }
}

/// The id of the email, equal for equal requests. `None` if the idempotency key was used for another request.
fn take(shared: &Shared, key: &str, body: &Value) -> Option<String> {
    let mut inner = shared.0.lock().unwrap();
    let id = format!("mail-{}", inner.taken.len());
    let (first, id) = inner.taken.entry(key.to_owned()).or_insert_with(|| (body.clone(), id));
    (first == body).then(|| id.clone())
}

async fn domains(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if let Some(refusal) = unknown(&headers) {
        return refusal;
    }
    let inner = shared.0.lock().unwrap();
    if inner.is_restricted {
        return error(401, "restricted_api_key", "This API key is restricted to only send emails");
    }
    let domains =
        inner.domains.iter().map(|(name, status)| json!({ "name": name, "status": status }));
    json!({ "object": "list", "has_more": false, "data": domains.collect::<Vec<_>>() })
        .to_string()
        .into_response()
}
