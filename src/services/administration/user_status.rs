//! Administrators disable, enable, approve, refuse and delete accounts.

use crate::app::App;
use crate::domain::account::invitation::Because;
use crate::domain::audit_event::Event;
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::UserId;
use crate::domain::sign_in::session::EndReason;
use crate::error::Result;
use crate::repositories::{sessions, sign_ups, users};
use crate::services::administration::act::{
    ActError, Unfit, must_leave_administrators, note, others_account,
};
use crate::services::administrators;
use crate::services::audit::Actor;
use crate::services::email::queue::{self, Recipient};
use crate::services::links;
use crate::transaction;

/// Disables an account. Its sessions end, its links are revoked, and no one can sign in to it until it is enabled.
pub async fn disable(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        links::revoke_all(app, tx, &user, now).await?;
        must_leave_administrators(tx, id).await?;
        if !users::disable(tx, id, now).await? {
            return Err(Unfit::AlreadyDisabled.into());
        }
        sessions::end_all(tx, id, None, EndReason::AccountDisabled, now).await?;
        administrators::revoke_invitations(tx, actor, id, Because::Disabled, now).await?;
        note(tx, actor, Event::UserDisabled, id, None, now).await
    })
}

/// Enables a disabled account.
pub async fn enable(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if !users::enable(tx, id).await? {
            return Err(Unfit::AlreadyEnabled.into());
        }
        note(tx, actor, Event::UserEnabled, id, None, now).await
    })
}

/// Approves an account that awaits approval, gives it a handle, and emails its owner.
pub async fn approve(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if !sign_ups::accept(tx, id).await? {
            return Err(Unfit::NotWaiting.into());
        }
        app.handles.give(tx, id, &user.email, now).await?;
        note(tx, actor, Event::SignUpAccepted, id, None, now).await?;
        queue::notify(app, tx, MailKind::SignUpAccepted, &user, None, actor.source).await?;
        Ok(())
    })
}

/// Rejects and deletes an account that awaits approval, and emails its owner.
pub async fn reject(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        queue::delete_all(tx, &user).await?;
        let (kind, to) = (MailKind::SignUpRefused, Recipient::Leaving(&user));
        queue::put(app, tx, kind, to, None, actor.source).await?;
        if !sign_ups::delete_waiting(tx, id).await? {
            return Err(Unfit::NotWaiting.into());
        }
        note(tx, actor, Event::SignUpRefused, id, None, now).await?;
        Ok(())
    })
}

/// Deletes an account permanently, except its entries in the audit log. Emails its owner.
pub async fn delete(app: &App, actor: Actor<'_>, id: UserId) -> Result<(), ActError> {
    let user = others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        queue::delete_all(tx, &user).await?;
        must_leave_administrators(tx, id).await?;
        if !users::hold(tx, id).await? {
            return Err(ActError::Unknown);
        }
        // An unconfirmed address may belong to another person.
        if !user.is_pending() {
            let (kind, to) = (MailKind::AccountDeletedByAdministrator, Recipient::Leaving(&user));
            queue::put(app, tx, kind, to, None, actor.source).await?;
        }
        users::delete(tx, id).await?;
        administrators::revoke_invitations(tx, actor, id, Because::Deleted, now).await?;
        note(tx, actor, Event::UserDeleted, id, None, now).await?;
        Ok(())
    })
}
