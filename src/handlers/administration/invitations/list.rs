//! The list of invitations.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::row::InvitationRow;
use crate::app::App;
use crate::domain::account::invitation::InvitationStanding;
use crate::domain::addresses;
use crate::error::Result;
use crate::services::administration::inviting;
use crate::web::pages::list_pages::{PageLinks, cursor};
use crate::web::pages::page::Page;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invitations.html")]
struct View {
    page: Page,
    invitations: Vec<InvitationRow>,
    links: PageLinks,
}

/// `GET /admin/invitations`: the latest invitations, or with `?before={id}` those before that one.
pub async fn show(
    State(app): State<App>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let before: Option<Uuid> = cursor(query.as_deref(), "before");
    let found = inviting::page(&app, before).await?;
    let invitations = found.rows.iter().map(|it| InvitationRow::of(&app, &page.t, it)).collect();
    let list = addresses::INVITATIONS;
    let links = PageLinks::new(&app, list, "", "before", before.is_none(), found.next);
    Ok(View { page, invitations, links }.into_response())
}
