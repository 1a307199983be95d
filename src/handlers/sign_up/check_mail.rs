//! The page that says that an email was sent. It is the same for every email address and every reason, so it reveals nothing.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::handlers::operations::dev_mail;
use crate::web::http::client::Client;
use crate::web::pages::page::Page;

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_up/check_mail.html")]
struct View {
    page: Page,
    has_mailbox: bool,
}

/// `GET /auth/check-mail`
pub async fn show(
    State(app): State<App>,
    client: Client,
    headers: HeaderMap,
    page: Page,
) -> Response {
    View { page, has_mailbox: dev_mail::is_open(&app, &client, &headers) }.into_response()
}
