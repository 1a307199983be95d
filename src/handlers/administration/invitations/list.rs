//! The list of invitations.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::row::InvitationRow;
use crate::app::App;
use crate::domain::account::invitation::{InvitationStanding, ListedInvitation};
use crate::domain::addresses;
use crate::domain::paging::PageRequest;
use crate::error::Result;
use crate::services::administration::inviting;
use crate::web::pages::list_pages::{ListAddress, ListPages, request};
use crate::web::pages::page::Page;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invitations.html")]
struct View {
    page: Page,
    invitations: Vec<Listed>,
    pages: ListPages,
}

/// An invitation with what only the list shows.
struct Listed {
    row: InvitationRow,
    roles: Vec<String>,
    /// The address of its creator.
    maker: Maker,
}

/// Who created an invitation.
enum Maker {
    Account(String),
    /// The account was deleted.
    Gone,
    CommandLine,
}

/// `GET /admin/invitations`: the invitations, newest first.
pub async fn show(
    State(app): State<App>,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let request: PageRequest<Uuid> = request(query.as_deref());
    let found = inviting::page(&app, request).await?;
    let (path, list) = (addresses::INVITATIONS, ListAddress::default());
    let pages = ListPages::new(&app, &page.t, path, list, request.size, &found);
    let listed = |it: &ListedInvitation| Listed {
        row: InvitationRow::of(&app, &page.t, &it.invitation),
        roles: it.invitation.roles().iter().map(ToString::to_string).collect(),
        maker: match &it.maker {
            Some(email) => Maker::Account(email.to_string()),
            None if it.invitation.created_by.is_none() => Maker::CommandLine,
            None => Maker::Gone,
        },
    };
    let invitations = found.rows.iter().map(listed).collect();
    Ok(View { page, invitations, pages }.into_response())
}
