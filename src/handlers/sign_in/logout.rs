//! Signing out.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::App;
use crate::domain::addresses;
use crate::error::Result;
use crate::services::session::session_management;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::cookies::{Cookies, Name};
use crate::web::form::Form;
use crate::web::identity::Visitor;
use crate::web::page::{Page, go_to};
use crate::web::return_to::ReturnTo;

/// The form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    return_to: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/sign_in/logout.html")]
struct View {
    page: Page,
    return_to: String,
}

/// `GET /auth/logout`: where applications may send people who want to sign out. It only asks.
pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    page: Page,
    RawQuery(query): RawQuery,
) -> Response {
    let return_to = ReturnTo::from_query(&app.config, query.as_deref());
    if visitor.signed_in().is_none() {
        return go_to_login(&app, return_to.as_ref());
    }
    let return_to = return_to.map(|it| it.as_str().to_owned()).unwrap_or_default();
    View { page, return_to }.into_response()
}

fn go_to_login(app: &App, return_to: Option<&ReturnTo>) -> Response {
    let Some(return_to) = return_to else { return go_to(app, addresses::SIGN_IN) };
    go_to(app, addresses::SIGN_IN.with(&[("return_to", return_to.as_str())]))
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
    let return_to = match form {
        Form::Genuine(Fields { return_to }) => ReturnTo::parse(&app.config, &return_to),
        Form::Stale(Fields { return_to }) => {
            let view = View { page: page.out_of_date(), return_to };
            return Ok((StatusCode::FORBIDDEN, view).into_response());
        }
    };
    state.forget().await;
    // The row first: should the answer be lost, the session has ended all the same.
    if let Some(signed_in) = visitor.signed_in() {
        session_management::sign_out(&app, &signed_in.session, &client.source).await?;
        state.set_flash("You are signed out.").await;
    }
    cookies.clear(Name::Refresh);
    Ok(go_to_login(&app, return_to.as_ref()))
}
