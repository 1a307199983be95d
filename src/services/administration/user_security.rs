//! Administrators end the sessions of an account or remove its 2FA.

use crate::app::App;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::UserId;
use crate::domain::sign_in::session::EndReason;
use crate::error::Result;
use crate::repositories::{sessions, totp, user_credentials};
use crate::services::administration::act::{
    ActError, Unfit, enabled_account, must_be_another, note, others_account,
};
use crate::services::audit::Actor;
use crate::services::email::queue;
use crate::services::links;
use crate::services::two_factor::{code_set, second_factor};
use crate::transaction;

/// The maximum length of a reason, in characters.
pub const LONGEST_REASON: usize = 200;

/// Ends all sessions of an account. Returns how many.
pub async fn end_sessions(app: &App, actor: Actor<'_>, id: UserId) -> Result<u64, ActError> {
    others_account(app, actor, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        let ended = sessions::end_all(tx, id, None, EndReason::EndedByAdministrator, now).await?;
        let detail = AuditDetail::Sessions(ended).to_string();
        note(tx, actor, Event::SessionsEnded, id, Some(&detail), now).await?;
        Ok(ended)
    })
}

/// Why a text is not a valid reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidReason {
    /// Empty, or only whitespace.
    Missing,
    /// More than [`LONGEST_REASON`] characters.
    TooLong,
    /// A control character.
    Unprintable,
}

/// Parses the reason for removing 2FA, which is emailed to the owner.
pub fn reason(text: &str) -> Result<String, InvalidReason> {
    let reason = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        Err(InvalidReason::Missing)
    } else if reason.chars().count() > LONGEST_REASON {
        Err(InvalidReason::TooLong)
    } else if reason.chars().any(char::is_control) {
        Err(InvalidReason::Unprintable)
    } else {
        Ok(reason)
    }
}

/// Removes the 2FA of a user who has lost their authenticator app and recovery codes. Emails the reason to the owner.
pub async fn remove_second_factor(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
    reason: &str,
) -> Result<(), ActError> {
    must_be_another(actor, id)?;
    let user = enabled_account(app, id).await?;
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        links::revoke_all(app, tx, &user, now).await?;
        let (event, kind) = (Event::SecondFactorRemoved, MailKind::SecondFactorRemoved);
        if !user_credentials::invalidate(tx, id, user.credential_version).await? {
            return Err(Unfit::Changed.into());
        }
        if !second_factor::is_on_in(tx, id).await? {
            return Err(Unfit::SecondFactorOff.into());
        }
        totp::delete(tx, id).await?;
        code_set::delete(tx, id).await?;
        sessions::end_all(tx, id, None, EndReason::SecondFactorChanged, now).await?;
        note(tx, actor, event, id, Some(reason), now).await?;
        queue::notify(app, tx, kind, &user, Some(reason), actor.source).await?;
        Ok(())
    })
}
