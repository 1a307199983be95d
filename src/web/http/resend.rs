//! A form is not lost when an error here prevents its page: the error page offers to send it again.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::extract::{OriginalUri, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use crate::web::http::problem::Problem;

/// The fields of a genuine form, kept until the response is known.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<OnceLock<Vec<(String, String)>>>);

impl Sent {
    /// Keeps the fields that are not secret, and the token, which is the browser's own.
    pub fn keep(&self, fields: &BTreeMap<String, String>, csrf_token: &str) {
        let is_open = |name: &str| !name.contains("password") && !name.starts_with("code");
        let open = fields.iter().filter(|(name, _)| is_open(name));
        let open = open.map(|(name, value)| (name.clone(), value.clone()));
        let token = ("csrf_token".to_owned(), csrf_token.to_owned());
        let _ = self.0.set(open.chain([token]).collect());
    }
}

/// A form to send again.
#[derive(Clone, Debug)]
pub struct Resend {
    /// Where it goes, from the host's root.
    pub action: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// Middleware: adds the form to a 503 without a page of its own.
pub async fn offer(OriginalUri(uri): OriginalUri, mut request: Request, next: Next) -> Response {
    let sent = Sent::default();
    request.extensions_mut().insert(sent.clone());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::SERVICE_UNAVAILABLE
        && let Some(fields) = sent.0.get()
        && response.extensions().get::<Problem>().is_some()
    {
        let resend = Resend { action: uri.path().to_owned(), fields: fields.clone() };
        response.extensions_mut().insert(resend);
    }
    response
}
