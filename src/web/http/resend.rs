//! Keeps a posted form if the server is unavailable: the error page offers to send it again.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::extract::{OriginalUri, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use crate::web::http::problem::Problem;

/// The fields of a form with a valid CSRF token, kept until the response is known.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<OnceLock<Vec<(String, String)>>>);

impl Sent {
    /// Keeps the fields that are not secret, and the CSRF token, which belongs to this browser.
    pub fn keep(&self, fields: &BTreeMap<String, String>, csrf_token: &str) {
        let is_public = |name: &str| !name.contains("password") && !name.starts_with("code");
        let public = fields.iter().filter(|(name, _)| is_public(name));
        let public = public.map(|(name, value)| (name.clone(), value.clone()));
        let token = ("csrf_token".to_owned(), csrf_token.to_owned());
        let _ = self.0.set(public.chain([token]).collect());
    }
}

/// A form to send again.
#[derive(Clone, Debug)]
pub struct Resend {
    /// The path that it is posted to, including the path of `PUBLIC_URL`.
    pub action: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// Middleware: adds the form to a 503 that has no page of its own.
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
