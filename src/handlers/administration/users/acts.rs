//! What an administrator does to an account with one button.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::show::{Look, draw};
use super::{id, path};
use crate::app::App;
use crate::domain::account::role::Role;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::services::administration::act::ActError;
use crate::services::administration::role_assignment;
use crate::services::administration::user_links;
use crate::services::administration::user_security;
use crate::services::administration::user_status;
use crate::services::audit::Actor;
use crate::services::sign_up::activation::Activated;
use crate::web::browser_state::BrowserState;
use crate::web::client::Client;
use crate::web::error::Problem;
use crate::web::form::{Errors, Form};
use crate::web::identity::{Administrator, confirm_first, is_proven};
use crate::web::page::{Page, go_to};

/// A form with nothing but its token.
#[derive(Debug, Deserialize)]
pub struct Fields {}

/// The form of the roles.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RolesFields {
    /// Names with blanks or commas between them.
    pub roles: String,
}

/// Who sent a form about whom.
pub type Visit = (Client, Administrator, BrowserState, Page, Path<String>);

#[derive(Clone, Copy)]
enum Act {
    Accept,
    Disable,
    Enable,
    EndSessions,
    SendReset,
    ResendConfirmation,
    VerifyEmail,
}

/// `POST /admin/users/{id}/accept`
pub async fn accept(app: State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    take(app, visit, form, Act::Accept).await
}

/// `POST /admin/users/{id}/disable`
pub async fn disable(app: State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    take(app, visit, form, Act::Disable).await
}

/// `POST /admin/users/{id}/enable`
pub async fn enable(app: State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    take(app, visit, form, Act::Enable).await
}

/// `POST /admin/users/{id}/revoke-sessions`
pub async fn revoke_sessions(
    app: State<App>,
    visit: Visit,
    form: Form<Fields>,
) -> Result<Response> {
    take(app, visit, form, Act::EndSessions).await
}

/// `POST /admin/users/{id}/send-reset`
pub async fn send_reset(app: State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    take(app, visit, form, Act::SendReset).await
}

/// `POST /admin/users/{id}/resend-confirmation`
pub async fn resend_confirmation(
    app: State<App>,
    visit: Visit,
    form: Form<Fields>,
) -> Result<Response> {
    take(app, visit, form, Act::ResendConfirmation).await
}

/// `POST /admin/users/{id}/verify-email`
pub async fn verify_email(app: State<App>, visit: Visit, form: Form<Fields>) -> Result<Response> {
    take(app, visit, form, Act::VerifyEmail).await
}

/// `POST /admin/users/{id}/roles`
pub async fn roles(
    State(app): State<App>,
    (client, administrator, state, page, Path(user)): Visit,
    form: Form<RolesFields>,
) -> Result<Response> {
    let Some(id) = id(&user) else { return Ok(Problem::not_found().into_response()) };
    let typed = |fields: RolesFields, status| Look {
        status,
        typed: Some(fields.roles),
        errors: Errors::default(),
    };
    let fields = match form {
        Form::Genuine(fields) => fields,
        Form::Stale(fields) => {
            let look = typed(fields, StatusCode::FORBIDDEN);
            return draw(&app, &administrator, &state, page.out_of_date(), id, look).await;
        }
    };
    if !is_proven(&app, &administrator.0, &state).await {
        state.set_draft(administrator.0.session.id, path(id), &fields).await;
        return Ok(confirm_first(&app, path(id)));
    }
    let roles = match Role::parse_list(&fields.roles) {
        Ok(roles) => roles,
        Err(why) => {
            let mut look = typed(fields, StatusCode::UNPROCESSABLE_ENTITY);
            look.errors.add("roles", why.to_string());
            return draw(&app, &administrator, &state, page, id, look).await;
        }
    };
    let actor = actor(&administrator, &client);
    match role_assignment::set_roles(&app, actor, id, &roles).await {
        Ok(()) => {
            state
                .set_flash("The roles are set. They count from the person’s next request on.")
                .await;
            Ok(go_to(&app, path(id)))
        }
        Err(error) => {
            refuse(&app, &administrator, &state, page, id, error, Some(fields.roles)).await
        }
    }
}

async fn take(
    State(app): State<App>,
    (client, administrator, state, page, Path(user)): Visit,
    form: Form<Fields>,
    act: Act,
) -> Result<Response> {
    let Some(id) = id(&user) else { return Ok(Problem::not_found().into_response()) };
    if let Form::Stale(_) = form {
        let look = Look { status: StatusCode::FORBIDDEN, ..Look::default() };
        return draw(&app, &administrator, &state, page.out_of_date(), id, look).await;
    }
    if !is_proven(&app, &administrator.0, &state).await {
        return Ok(confirm_first(&app, path(id)));
    }
    let actor = actor(&administrator, &client);
    let done = match act {
        Act::Accept => user_status::accept(&app, actor, id)
            .await
            .map(|()| "The account is accepted, and its owner is told by mail."),
        Act::Disable => user_status::disable(&app, actor, id)
            .await
            .map(|()| "The account is closed, and everybody is signed out of it."),
        Act::Enable => {
            user_status::enable(&app, actor, id).await.map(|()| "The account is open again.")
        }
        Act::EndSessions => user_security::end_sessions(&app, actor, id)
            .await
            .map(|_| "All sessions of the account have been ended."),
        Act::SendReset => user_links::send_reset(&app, actor, id)
            .await
            .map(|()| "A mail with a link for a new password is on its way."),
        Act::ResendConfirmation => user_links::resend_confirmation(&app, actor, id)
            .await
            .map(|()| "The mail that confirms the address is on its way again."),
        Act::VerifyEmail => {
            user_links::verify_email(&app, actor, id).await.map(|opened| match opened {
                Activated::Account => "The email address counts as confirmed.",
                Activated::AwaitsApproval => {
                    "The email address counts as confirmed. The account now waits to be accepted."
                }
            })
        }
    };
    match done {
        Ok(text) => {
            state.set_flash(text).await;
            Ok(go_to(&app, path(id)))
        }
        Err(error) => refuse(&app, &administrator, &state, page, id, error, None).await,
    }
}

/// Who does it.
#[must_use]
pub fn actor<'a>(administrator: &Administrator, client: &'a Client) -> Actor<'a> {
    Actor { id: Some(administrator.0.session.user_id), source: &client.source }
}

/// The user's page again, with why it was not done.
pub async fn refuse(
    app: &App,
    administrator: &Administrator,
    state: &BrowserState,
    page: Page,
    id: UserId,
    error: ActError,
    typed: Option<String>,
) -> Result<Response> {
    match error {
        ActError::Failed(error) => Err(error),
        ActError::Unknown => Ok(Problem::not_found().into_response()),
        ActError::OwnAccount | ActError::LastAdministrator | ActError::Unfit(_) => {
            let page = page.with_alert(error.to_string());
            let look = Look { status: StatusCode::CONFLICT, typed, errors: Errors::default() };
            draw(app, administrator, state, page, id, look).await
        }
    }
}
