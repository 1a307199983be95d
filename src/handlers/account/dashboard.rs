//! The start page of a signed-in user.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::clock::in_words;
use crate::domain::account::role::ADMIN;
use crate::error::Result;
use crate::services::two_factor::second_factor;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::SignedIn;

#[derive(Template, WebTemplate)]
#[template(path = "pages/account/dashboard.html")]
#[expect(clippy::struct_excessive_bools, reason = "each says what the page shows")]
struct View {
    page: Page,
    username: String,
    handle: Option<String>,
    email: String,
    email_verified: bool,
    second_factor: bool,
    roles: String,
    is_admin: bool,
    signed_in_at: String,
    idle: String,
    remember: bool,
    expires_at: String,
}

/// `GET /dashboard`
pub async fn show(
    State(app): State<App>,
    SignedIn { session, claims }: SignedIn,
    page: Page,
) -> Result<Response> {
    let second_factor = second_factor::is_on(&app, session.user_id).await?;
    let view = View {
        page,
        second_factor,
        username: claims.name.to_string(),
        handle: claims.preferred_username.as_ref().map(ToString::to_string),
        email: claims.email.to_string(),
        email_verified: claims.email_verified,
        is_admin: session.roles().any(|role| role == ADMIN),
        roles: claims.roles.join(", "),
        signed_in_at: session.created_at.to_string(),
        idle: in_words(session.idle(app.config.lifetimes.idle)),
        remember: session.remember,
        expires_at: session.expires_at.to_string(),
    };
    Ok(view.into_response())
}
