//! Administrators send or create links for an account: password reset and email confirmation. They can also confirm an address
//! without a link.

use crate::app::App;
use crate::domain::account::user::User;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{Grant, HANDED_RESET_TTL, OneTimeToken, Purpose};
use crate::domain::id::{MailId, UserId};
use crate::error::Result;
use crate::repositories::{one_time_tokens, user_credentials};
use crate::secret::Secret;
use crate::services::administration::act::{
    ActError, Unfit, enabled_account, must_be_another, note, reachable_account,
};
use crate::services::audit::Actor;
use crate::services::email::queue;
use crate::services::sign_up::activation::{self, Activated};
use crate::transaction;

/// Stored with an email that an administrator caused. The email says so, but neither who it was nor from which address.
const BY_ADMINISTRATOR: &str = "an administrator";

/// Creates a password reset link for the administrator to hand over. It works once and expires after [`HANDED_RESET_TTL`]. It does not
/// confirm the address of an account that was used before.
pub async fn reset_link(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
) -> Result<Secret<String>, ActError> {
    let user = reachable_account(app, id).await?;
    let now = app.clock.now();
    let token = OneTimeToken::of_mail(&app.secrets.one_time, MailId::new(now));
    let expires_at = now.after(HANDED_RESET_TTL);
    let grant = Grant { user_id: id, email_key: user.email_key.clone(), expires_at };
    transaction!(app.db, |tx| -> Result<_, ActError> {
        one_time_tokens::put(tx, &token, Purpose::HandedReset, &grant, now).await?;
        let detail = AuditDetail::HandedOver.to_string();
        note(tx, actor, Event::ResetLinkSent, id, Some(&detail), now).await
    })?;
    let page = Purpose::HandedReset.page().of(token.reveal());
    Ok(Secret::new(app.config.public_url.link(page)))
}

/// Emails a password reset link to the account's address.
pub async fn send_reset(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = reachable_account(app, id).await?;
    send(app, actor, &user, MailKind::ResetPassword, Event::ResetLinkSent).await
}

/// Sends the confirmation email again.
pub async fn resend_confirmation(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = reachable_account(app, id).await?;
    if user.email_verified_at.is_some() {
        return Err(Unfit::AlreadyConfirmed.into());
    }
    send(app, actor, &user, queue::confirmation_of(&user), Event::ConfirmationResent).await
}

/// Confirms an account's address without an email. An unconfirmed sign-up is activated, under the same rules as if its owner had
/// confirmed the address.
pub async fn verify_email(app: &App, actor: Actor<'_>, id: UserId) -> Result<Activated, ActError> {
    must_be_another(actor, id)?;
    let user = enabled_account(app, id).await?;
    let now = app.clock.now();
    let activated = transaction!(app.db, |tx| -> Result<_, ActError> {
        if user.email_verified_at.is_some() {
            return Err(Unfit::AlreadyConfirmed.into());
        }
        if !user_credentials::verify_email(tx, id, user.credential_version, now).await? {
            return Err(Unfit::Changed.into());
        }
        let activated = activation::activate(app, tx, &user, actor.source).await?;
        note(tx, actor, Event::EmailVerifiedByAdministrator, id, None, now).await?;
        if user.is_pending() && activated == Activated::Account {
            queue::notify(app, tx, MailKind::Welcome, &user, None, actor.source).await?;
        }
        Ok(activated)
    })?;
    Ok(activated)
}

async fn send(
    app: &App,
    actor: Actor<'_>,
    user: &User,
    kind: MailKind,
    event: Event,
) -> Result<(), ActError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        queue::notify(app, tx, kind, user, Some(BY_ADMINISTRATOR), actor.source).await?;
        note(tx, actor, event, user.id, None, now).await
    })
}
