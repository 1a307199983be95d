//! The actions that an administrator performs with a form on the user's page.

use axum::extract::Path;
use axum::response::{Response, Result};

use super::show::{HandleFields, RolesFields, TypedFields, view};
use super::{id, path};
use crate::app::App;
use crate::domain::account::handle::Handle;
use crate::domain::account::role::Role;
use crate::domain::id::UserId;
use crate::i18n::message::{self, Message};
use crate::services::administration::act::ActError;
use crate::services::administration::handle_change::{self, HandleError};
use crate::services::administration::role_assignment;
use crate::services::administration::user_links;
use crate::services::administration::user_security;
use crate::services::administration::user_status;
use crate::services::audit::Actor;
use crate::services::sign_up::activation::Activated;
use crate::web::forms::form::{Button, Form};
use crate::web::forms::refused::Refused;
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::web::visitor::visit::Visit;

#[derive(Clone, Copy)]
enum Act {
    Approve,
    Disable,
    Enable,
    EndSessions,
    SendReset,
    ResendConfirmation,
    VerifyEmail,
}

/// `POST /admin/users/{id}/approve`
pub async fn approve(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Act::Approve).await
}

/// `POST /admin/users/{id}/disable`
pub async fn disable(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Act::Disable).await
}

/// `POST /admin/users/{id}/enable`
pub async fn enable(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Act::Enable).await
}

/// `POST /admin/users/{id}/revoke-sessions`
pub async fn revoke_sessions(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Act::EndSessions).await
}

/// `POST /admin/users/{id}/send-reset`
pub async fn send_reset(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Act::SendReset).await
}

/// `POST /admin/users/{id}/resend-confirmation`
pub async fn resend_confirmation(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Act::ResendConfirmation).await
}

/// `POST /admin/users/{id}/verify-email`
pub async fn verify_email(
    visit: Visit<Administrator>,
    page: Page,
    user: Path<String>,
    form: Form<Button>,
) -> Result<Response> {
    take(&visit, page, user, &form, Act::VerifyEmail).await
}

/// `POST /admin/users/{id}/roles`
pub async fn roles(
    visit: Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
    form: Form<RolesFields>,
) -> Result<Response> {
    let id = id(&user)?;
    form.answer(
        page,
        async |fields| set_roles(&visit, id, fields).await,
        async |page, fields, errors| view(&visit, page, id, &fields.into(), errors).await,
    )
    .await
}

/// `POST /admin/users/{id}/handle`
pub async fn handle(
    visit: Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
    form: Form<HandleFields>,
) -> Result<Response> {
    let id = id(&user)?;
    form.answer(
        page,
        async |fields| set_handle(&visit, id, fields).await,
        async |page, fields, errors| view(&visit, page, id, &fields.into(), errors).await,
    )
    .await
}

async fn set_roles(
    visit: &Visit<Administrator>,
    id: UserId,
    fields: &RolesFields,
) -> Result<Response, Refused> {
    let typed = TypedFields::from(fields);
    let proven = visit.prove_first_keeping(path(id), &typed).await?;
    let roles = Role::parse_list(&fields.roles).map_err(|why| Refused::invalid("roles", why))?;
    role_assignment::set_roles(&visit.app, visit.actor(proven), id, &roles).await?;
    Ok(visit.go_saying(path(id), message::user_roles_saved()).await)
}

async fn set_handle(
    visit: &Visit<Administrator>,
    id: UserId,
    fields: &HandleFields,
) -> Result<Response, Refused> {
    let proven = visit.prove_first_keeping(path(id), &TypedFields::from(fields)).await?;
    let handle = Handle::parse(&fields.handle);
    let handle = handle.map_err(|why| Refused::invalid("handle", why))?;
    handle_change::set_handle(&visit.app, visit.actor(proven), id, &handle)
        .await
        .map_err(refused)?;
    Ok(visit.go_saying(path(id), message::user_handle_changed()).await)
}

fn refused(error: HandleError) -> Refused {
    match error {
        HandleError::Taken => Refused::invalid("handle", message::handle_taken()),
        HandleError::Act(error) => error.into(),
        HandleError::Failed(error) => error.into(),
    }
}

async fn take(
    visit: &Visit<Administrator>,
    page: Page,
    Path(user): Path<String>,
    form: &Form<Button>,
    act: Act,
) -> Result<Response> {
    let id = id(&user)?;
    form.answer(
        page,
        async |_| {
            let actor = visit.actor(visit.prove_first(path(id)).await?);
            let text = carry_out(&visit.app, actor, id, act).await?;
            Ok(visit.go_saying(path(id), text).await)
        },
        async |page, _, errors| view(visit, page, id, &TypedFields::default(), errors).await,
    )
    .await
}

/// Performs the action and returns the message for the next page.
async fn carry_out(app: &App, actor: Actor<'_>, id: UserId, act: Act) -> Result<Message, ActError> {
    Ok(match act {
        Act::Approve => {
            user_status::approve(app, actor, id).await?;
            message::user_approved()
        }
        Act::Disable => {
            user_status::disable(app, actor, id).await?;
            message::user_disabled()
        }
        Act::Enable => {
            user_status::enable(app, actor, id).await?;
            message::user_enabled()
        }
        Act::EndSessions => {
            user_security::end_sessions(app, actor, id).await?;
            message::user_sessions_ended()
        }
        Act::SendReset => {
            user_links::send_reset(app, actor, id).await?;
            message::user_reset_sent()
        }
        Act::ResendConfirmation => {
            user_links::resend_confirmation(app, actor, id).await?;
            message::user_confirmation_sent()
        }
        Act::VerifyEmail => match user_links::verify_email(app, actor, id).await? {
            Activated::Account => message::user_email_now_confirmed(),
            Activated::AwaitsApproval => message::user_email_confirmed_waiting(),
        },
    })
}
