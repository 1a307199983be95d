//! Invitations: the list, a new one, and one with its link.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::users::acts::{Fields as Empty, Visit, actor};
use crate::app::App;
use crate::config::Registration;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::invitation::{Because, DAYS, Invitation, InvitationStanding, lasting};
use crate::domain::account::role::Role;
use crate::domain::addresses::{self, Address};
use crate::domain::id::{InvitationId, UserId};
use crate::error::Result;
use crate::services::administration::act::ActError;
use crate::services::administration::inviting::{self, NewInvitation};
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::Problem;
use crate::web::form::{Errors, Form};
use crate::web::identity::{Administrator, confirm_first, is_proven};
use crate::web::page::{Page, go_to};

const NEW: Address = addresses::USERS_INVITE;
/// Invitations on a page.
const PAGE: usize = 50;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invitations.html")]
struct List {
    page: Page,
    invitations: Vec<Listed>,
    next: Option<Uuid>,
    is_first: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invitation.html")]
struct One {
    page: Page,
    invitation: Listed,
    link: Option<String>,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/invite.html")]
struct NewOne {
    page: Page,
    fields: Fields,
    errors: Errors,
    days: [u32; 4],
    is_open: bool,
}

/// An invitation in words.
struct Listed {
    id: InvitationId,
    email: Option<String>,
    roles: String,
    standing: InvitationStanding,
    created_at: String,
    expires_at: String,
    used_by: Option<UserId>,
    made_by: Option<UserId>,
    revoked_because: Option<&'static str>,
}

/// The form.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fields {
    email: String,
    roles: String,
    days: String,
    by_mail: String,
}

/// `GET /admin/invitations`
pub async fn list(
    State(app): State<App>,
    _administrator: Administrator,
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
    let invitations = found.iter().map(|it| listed(&app, it)).collect();
    Ok(List { page, invitations, next, is_first: before.is_none() }.into_response())
}

/// `GET /admin/invitations/{id}`: with its link, for whoever has shown lately enough who they are.
pub async fn show(
    State(app): State<App>,
    administrator: Administrator,
    state: BrowserState,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response> {
    let Ok(id) = Uuid::parse_str(&id).map(InvitationId) else {
        return Ok(Problem::not_found().into_response());
    };
    if !is_proven(&app, &administrator.0, &state).await {
        return Ok(confirm_first(&app, addresses::INVITATION_DETAILS.of(id)));
    }
    draw(&app, page, id, StatusCode::OK).await
}

/// `POST /admin/invitations/{id}/revoke`
pub async fn revoke(
    State(app): State<App>,
    (client, administrator, state, page, Path(id)): Visit,
    form: Form<Empty>,
) -> Result<Response> {
    let Ok(id) = Uuid::parse_str(&id).map(InvitationId) else {
        return Ok(Problem::not_found().into_response());
    };
    let path = addresses::INVITATION_DETAILS.of(id);
    if !is_proven(&app, &administrator.0, &state).await {
        return Ok(confirm_first(&app, path));
    }
    if let Form::Stale(_) = form {
        return draw(&app, page.out_of_date(), id, StatusCode::FORBIDDEN).await;
    }
    match inviting::revoke(&app, actor(&administrator, &client), id).await {
        Ok(()) => {
            state.set_flash("The invitation is revoked. Its link no longer works.").await;
            Ok(go_to(&app, path))
        }
        Err(ActError::Failed(error)) => Err(error),
        Err(ActError::Unknown) => Ok(Problem::not_found().into_response()),
        Err(why) => draw(&app, page.with_alert(why.to_string()), id, StatusCode::CONFLICT).await,
    }
}

/// `GET /admin/users/invite`
pub async fn new(
    State(app): State<App>,
    client: Client,
    administrator: Administrator,
    state: BrowserState,
    page: Page,
) -> Response {
    if !is_proven(&app, &administrator.0, &state).await {
        return confirm_first(&app, NEW);
    }
    let session = administrator.0.session.id;
    let draft = if client.is_navigation { state.take_draft(session, NEW).await } else { None };
    let empty = || Fields { by_mail: "on".into(), ..Fields::default() };
    form(&app, page, draft.unwrap_or_else(empty), Errors::default()).into_response()
}

/// `POST /admin/users/invite`
pub async fn submit(
    State(app): State<App>,
    client: Client,
    administrator: Administrator,
    state: BrowserState,
    page: Page,
    sent: Form<Fields>,
) -> Result<Response> {
    let fields = match sent {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            let view = form(&app, page.out_of_date(), fields, Errors::default());
            return Ok((StatusCode::FORBIDDEN, view).into_response());
        }
    };
    if !is_proven(&app, &administrator.0, &state).await {
        state.set_draft(administrator.0.session.id, NEW, &fields).await;
        return Ok(confirm_first(&app, NEW));
    }
    let mut errors = Errors::default();
    let by_mail = fields.by_mail == "on";
    let email = if fields.email.trim().is_empty() {
        if by_mail {
            errors
                .add("email", "Enter the address that the mail goes to, or copy the link instead.");
        }
        None
    } else {
        errors.check("email", EmailAddress::parse(&fields.email))
    };
    let roles = errors.check("roles", Role::parse_list(&fields.roles));
    let lasts = errors.check("days", lasting(&fields.days).ok_or("Choose how long it works."));
    let (Some(roles), Some(lasts), true) = (roles, lasts, errors.is_empty()) else {
        let view = form(&app, page, fields, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
    };
    let new = NewInvitation { email: email.as_ref(), by_mail, roles: &roles, lasts };
    match inviting::invite(&app, actor(&administrator, &client), &new).await {
        Ok(id) => {
            let text = if by_mail {
                "The invitation is on its way by mail."
            } else {
                "The invitation is made: copy its link and hand it over."
            };
            state.set_flash(text).await;
            Ok(go_to(&app, addresses::INVITATION_DETAILS.of(id)))
        }
        Err(ActError::Failed(error)) => Err(error),
        Err(why) => {
            let view = form(&app, page.with_alert(why.to_string()), fields, errors);
            Ok((StatusCode::CONFLICT, view).into_response())
        }
    }
}

fn form(app: &App, page: Page, fields: Fields, errors: Errors) -> NewOne {
    let is_open = app.config.registration != Registration::Closed;
    NewOne { page, fields, errors, days: DAYS, is_open }
}

async fn draw(app: &App, page: Page, id: InvitationId, status: StatusCode) -> Result<Response> {
    let Some(found) = inviting::find(app, id).await? else {
        return Ok(Problem::not_found().into_response());
    };
    let invitation = listed(app, &found);
    let is_open = invitation.standing == InvitationStanding::Open;
    let link = is_open.then(|| inviting::link(app, id).reveal().clone());
    Ok((status, One { page, invitation, link }).into_response())
}

fn listed(app: &App, invitation: &Invitation) -> Listed {
    let roles: Vec<&str> = invitation.roles.split(',').filter(|it| !it.is_empty()).collect();
    Listed {
        id: invitation.id,
        email: invitation.email.as_ref().map(ToString::to_string),
        roles: roles.join(", "),
        standing: invitation.standing(app.clock.now()),
        created_at: invitation.created_at.to_string(),
        expires_at: invitation.expires_at.to_string(),
        used_by: invitation.used_by,
        made_by: invitation
            .created_by
            .filter(|_| invitation.revoked_because != Some(Because::Deleted)),
        revoked_because: revoked_because(invitation),
    }
}

/// Why an invitation was revoked, where no administrator decided it.
fn revoked_because(invitation: &Invitation) -> Option<&'static str> {
    Some(match invitation.revoked_because {
        Some(Because::Demoted) => "the person who made it is no longer an administrator",
        Some(Because::Disabled) => "the account of the person who made it was disabled",
        Some(Because::Deleted) => "the account of the person who made it was deleted",
        Some(Because::NotMe) => "its maker reported that someone else had used their account",
        None if !invitation.maker_may => "the person who made it can no longer invite anyone",
        None => return None,
    })
}
