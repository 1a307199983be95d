//! The page of one invitation, with its link.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::Path;
use axum::response::{IntoResponse, Response, Result};
use uuid::Uuid;

use super::row::InvitationRow;
use crate::app::App;
use crate::domain::account::invitation::InvitationStanding;
use crate::domain::addresses;
use crate::domain::id::InvitationId;
use crate::services::administration::inviting;
use crate::web::forms::form::{Button, Form};
use crate::web::http::problem::Problem;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invitation.html")]
struct View {
    page: Page,
    invitation: InvitationRow,
    link: Option<String>,
}

/// `GET /admin/invitations/{id}`: requires a recent proof of identity, because the page shows the link.
pub async fn show(
    visit: Visit<Administrator>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = read(&id)?;
    visit.prove_first(addresses::INVITATION_DETAILS.of(id)).await?;
    view(&visit.app, page, id).await
}

/// `POST /admin/invitations/{id}/revoke`
pub async fn revoke(
    visit: Visit<Administrator>,
    page: Page,
    Path(id): Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    let id = read(&id)?;
    let path = addresses::INVITATION_DETAILS.of(id);
    let proven = visit.prove_first(path.clone()).await?; // even for a refused form, because the page shows the link
    form.answer(
        page,
        async |_| {
            inviting::revoke(&visit.app, visit.actor(proven), id).await?;
            let text = "The invitation is revoked. Its link no longer works.";
            Ok(visit.go_saying(path, text).await)
        },
        async |page, _, _| view(&visit.app, page, id).await,
    )
    .await
}

fn read(id: &str) -> Result<InvitationId, Problem> {
    Uuid::parse_str(id).map(InvitationId).map_err(|_| Problem::not_found())
}

async fn view(app: &App, page: Page, id: InvitationId) -> Result<Response> {
    let found = inviting::find(app, id).await?.ok_or_else(Problem::not_found)?;
    let invitation = InvitationRow::of(app, &found);
    let is_open = invitation.standing == InvitationStanding::Open;
    let link = is_open.then(|| inviting::link(app, id).reveal().clone());
    Ok(View { page, invitation, link }.into_response())
}
