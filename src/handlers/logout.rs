//! Signing out.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::error::Result;
use crate::services::sessions;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::{Cookies, Name};
use crate::web::form::Form;
use crate::web::identity::Visitor;
use crate::web::page::{Page, go_to};

/// The form: nothing but its token.
#[derive(Debug, Deserialize)]
pub struct Fields {}

#[derive(Template, WebTemplate)]
#[template(path = "pages/logout.html")]
struct View {
    page: Page,
}

/// `POST /auth/logout`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    visitor: Visitor,
    cookies: Cookies,
    state: BrowserState,
    page: Page,
    form: Form<Fields>,
) -> Result<Response> {
    if let Form::Stale(_) = form {
        return Ok((StatusCode::FORBIDDEN, View { page: page.out_of_date() }).into_response());
    }
    state.forget().await;
    // The row first: should the answer be lost, the session has ended all the same.
    if let Some(signed_in) = visitor.signed_in() {
        sessions::sign_out(&app, &signed_in.session, &client.source).await?;
        state.set_flash("You are signed out.").await;
    }
    cookies.clear(Name::Refresh);
    Ok(go_to(&app, "/auth/login"))
}
