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
use crate::i18n::localized::Localized;
use crate::i18n::message;
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
    /// When it was created, with a link to the administrator who did it, if known.
    created_by: Option<Localized>,
    created_at: String,
    expires_at: String,
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
            Ok(visit.go_saying(path, message::invitation_revoke_done()).await)
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
    let invitation = InvitationRow::of(app, &page.t, &found);
    let is_open = invitation.standing == InvitationStanding::Open;
    let link = is_open.then(|| inviting::link(app, id).reveal().clone());
    let maker = inviting::maker_of(app, &found).await?;
    let created_by = invitation.made_by.zip(maker).map(|(administrator, name)| {
        let href = app.config.public_url.path(addresses::USER.of(administrator));
        page.t.invitation_created_by(href, name.to_string(), found.created_at)
    });
    let created_at = page.t.time(found.created_at);
    let expires_at = page.t.time(found.expires_at);
    Ok(View { page, invitation, created_by, created_at, expires_at, link }.into_response())
}
