//! The list of invitations.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::row::InvitationRow;
use crate::app::App;
use crate::domain::account::invitation::InvitationStanding;
use crate::error::Result;
use crate::services::administration::inviting;
use crate::web::pages::page::Page;

/// The number of invitations per page.
const PAGE: usize = 50;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invitations.html")]
struct View {
    page: Page,
    invitations: Vec<InvitationRow>,
    next: Option<Uuid>,
    is_first: bool,
}

/// `GET /admin/invitations`
pub async fn show(
    State(app): State<App>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    let before = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "before")
        .and_then(|(_, text)| Uuid::parse_str(&text).ok());
    let more = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let mut found = inviting::list(&app, before, more).await?;
    let is_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| is_more).map(|it| it.id.0);
    let invitations = found.iter().map(|it| InvitationRow::of(&app, it)).collect();
    Ok(View { page, invitations, next, is_first: before.is_none() }.into_response())
}
