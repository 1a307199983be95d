//! The health check page: diagnoses the installation and suggests fixes.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::finding::Finding;
use crate::error::Result;
use crate::services::operations::doctor;
use crate::web::http::arrival::{self, Seen};
use crate::web::http::client::Client;
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/doctor.html")]
struct View {
    page: Page,
    findings: Vec<Finding>,
    headers: Vec<Seen>,
    peer: String,
}

/// `GET /admin/doctor`
pub async fn show(
    State(app): State<App>,
    _administrator: Administrator,
    client: Client,
    page: Page,
    headers: HeaderMap,
) -> Result<Response> {
    let arrival = arrival::look(&app.config, &client, &headers);
    let mut findings = arrival.findings;
    // The page requires a session, so the cookies have arrived.
    let secure =
        if app.config.public_url.is_https() { "Secure" } else { "not Secure, without https" };
    findings.push(Finding::good(
        "cookies",
        format!("{} came back ({secure})", arrival.cookies.join(", ")),
    ));
    findings.extend(doctor::of_server(&app).await?);
    let peer = client.peer.to_string();
    Ok(View { page, findings, headers: arrival.headers, peer }.into_response())
}

/// `GET /admin/doctor/request`: the diagnosis of the request as JSON, for `authflow doctor`. Its token proves that it has the same
/// `SECRET_KEY`; without a valid token the response is 404.
pub async fn request(State(app): State<App>, client: Client, headers: HeaderMap) -> Response {
    let token = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    let is_genuine =
        token.is_some_and(|it| doctor::is_genuine(&app.secrets.doctor, it, app.clock.now()));
    if !is_genuine {
        return Problem::not_found().into_response();
    }
    match serde_json::to_string(&arrival::look(&app.config, &client, &headers)) {
        Ok(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => crate::error::Error::from(error).into_response(),
    }
}
