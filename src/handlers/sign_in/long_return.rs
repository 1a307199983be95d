//! `GET /auth/return`: redirects to a return address that is too long for URLs. They carry its id.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

use crate::domain::addresses;
use crate::domain::return_address::SavedId;
use crate::error::Result;
use crate::i18n::message;
use crate::services::long_addresses;
use crate::web::http::problem::Problem;
use crate::web::visitor::visit::Visit;

/// `GET /auth/return`
pub async fn show(visit: Visit, RawQuery(query): RawQuery) -> Result<Response> {
    let query = query.unwrap_or_default();
    let field = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    };
    let address = match field("saved").as_deref().and_then(SavedId::parse) {
        Some(saved) => long_addresses::find(&visit.app, saved).await?,
        None => None,
    };
    // Like every return address, it is checked again.
    if let Some(return_to) = address.and_then(|address| visit.return_to(&address)) {
        return Ok(Redirect::to(return_to.as_str()).into_response());
    }
    let root = field("return_to").and_then(|root| visit.return_to(&root));
    let root = root.map(|root| root.as_str().to_owned());
    let home = || visit.app.config.public_url.path(addresses::HOME);
    let problem = Problem::new(StatusCode::GONE, message::return_address_expired());
    Ok(problem.with_way_on(root.unwrap_or_else(home), message::go_on()).into_response())
}
