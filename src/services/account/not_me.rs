//! 'This was not me': what the link in every notice does. It closes the account to everybody, its owner included, until a new
//! password is set through a mail; it opens nothing.

use crate::app::App;
use crate::db::Tx;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::invitation::Because;
use crate::domain::account::user::User;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::{NOT_ME_TTL, OneTimeToken, Purpose};
use crate::domain::sign_in::session::EndReason;
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::{email_changes, one_time_tokens, sessions, users};
use crate::services::account::former_address;
use crate::services::audit;
use crate::services::email::outbox;
use crate::services::links;
use crate::services::sign_up::invitation_makers;
use crate::services::sign_up::registration;
use crate::services::two_factor::second_factor::{self, Removed};
use crate::transaction;

/// What a link would do.
#[derive(Clone, Debug)]
pub enum Found {
    /// Close the account and put things right.
    Open(Effects),
    /// Nothing more: that has been done, and the account waits for a new password.
    Done,
    /// Nothing: unknown, used or expired, sent to an address without a say, or the account is closed.
    Nothing,
}

/// What it would put right.
#[derive(Clone, Debug)]
pub struct Effects {
    /// The account's address.
    pub email: EmailAddress,
    /// The address that the account goes back to, if it was moved away from there.
    pub restores: Option<EmailAddress>,
    /// What becomes of the second factor.
    pub second_factor: SecondFactor,
}

/// What becomes of the account's second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// There is none.
    None,
    /// It was switched on lately, so it goes too.
    Removed,
    /// It is older, and the new password will ask for a code. Recovery codes made lately go.
    Kept,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum NotMeError {
    /// Unknown, used or expired, or sent to an address that is the account's no more.
    #[error("the link does not work")]
    InvalidLink,
    /// Nothing that the person could mend.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(NotMeError);

/// Looks a link up. It is good for whoever reads the account's mail, or the mail of an address that it was moved away from
/// lately. Changes nothing.
pub async fn find(app: &App, token: &OneTimeToken) -> Result<Found> {
    if let Some(effects) = effects(app, token).await? {
        return Ok(Found::Open(effects));
    }
    let Some(spent) = one_time_tokens::find_spent(&app.db, token, Purpose::NotMe).await? else {
        return Ok(Found::Nothing);
    };
    let user = users::find(&app.db, spent.user_id).await?;
    let waits =
        user.is_some_and(|user| user.lost_hash().is_some() && user.email_key == spent.email_key);
    Ok(if waits { Found::Done } else { Found::Nothing })
}

async fn effects(app: &App, token: &OneTimeToken) -> Result<Option<Effects>> {
    let now = app.clock.now();
    let grant = one_time_tokens::find(&app.db, token, Purpose::NotMe, now).await?;
    let Some(grant) = grant else { return Ok(None) };
    let user = users::find(&app.db, grant.user_id).await?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
    let mut restores = None;
    if user.email_key != grant.email_key {
        let departure = former_address::departure(&app.db, user.id, &grant.email_key, now).await?;
        let Some(departure) = departure else { return Ok(None) };
        restores = Some(departure.old_email);
    }
    let second_factor = match second_factor::status(app, user.id).await? {
        None => SecondFactor::None,
        Some(it) if it.since > now.before(NOT_ME_TTL) => SecondFactor::Removed,
        Some(_) => SecondFactor::Kept,
    };
    Ok(Some(Effects { email: user.email, restores, second_factor }))
}

/// Moves the account back if it was moved, drops a change that waits and what was done to the second factor while such a link
/// lives, ends every session and every link, takes the password away and mails a link for a new one. The address that goes to.
///
/// Of several former addresses an earlier one has its say over the later ones, and not the other way round: whoever reads the
/// mail of a later address cannot take this out of the hands of an earlier one.
pub async fn secure(
    app: &App,
    token: &OneTimeToken,
    source: &Source,
) -> Result<EmailAddress, NotMeError> {
    let now = app.clock.now();
    let address = transaction!(app.db, |tx| -> Result<_, NotMeError> {
        let grant = one_time_tokens::find(&mut *tx, token, Purpose::NotMe, now).await?;
        let grant = grant.ok_or(NotMeError::InvalidLink)?;
        let user = users::find(&mut *tx, grant.user_id).await?.ok_or(NotMeError::InvalidLink)?;
        if !links::spend_not_me(app, tx, token, &grant.email_key, &user, now).await? {
            return Err(NotMeError::InvalidLink);
        }
        if !users::lock(tx, user.id).await? {
            return Err(NotMeError::InvalidLink); // closed
        }
        // Looked at again under the account's lock: it may have been moved since.
        let user = users::find(&mut *tx, user.id).await?.ok_or(NotMeError::InvalidLink)?;
        let address = if user.email_key == grant.email_key {
            user.email.clone()
        } else {
            call_back(app, tx, &user, &grant.email_key, source).await?
        };
        let id = Some(user.id);
        let event = match second_factor::remove_since(tx, user.id, now.before(NOT_ME_TTL)).await? {
            Removed::All => Some(Event::SecondFactorDisabled),
            Removed::RecoveryCodes => Some(Event::RecoveryCodesRemoved),
            Removed::Nothing => None,
        };
        if let Some(event) = event {
            audit::record(tx, event, Outcome::Success, id, source, now).await?;
        }
        sessions::end_all(tx, user.id, None, EndReason::Secured, now).await?;
        // An intruder in an administrator's session could have invited themselves.
        let (maker, because) = (user.id, Because::NotMe);
        invitation_makers::revoke_all(tx, maker, because, id, source, now).await?;
        audit::record(tx, Event::AccountSecured, Outcome::Success, id, source, now).await?;
        let (kind, recipient) = (MailKind::AccountSecured, address.as_str());
        outbox::put(app, tx, kind, id, recipient, None, source).await?;
        Ok(address)
    })?;
    app.outbox_bell.notify_one();
    Ok(address)
}

/// Moves the account back to a former address, and tells the one that it leaves.
async fn call_back(
    app: &App,
    tx: &mut Tx,
    user: &User,
    former: &EmailKey,
    source: &Source,
) -> Result<EmailAddress, NotMeError> {
    let (now, id) = (app.clock.now(), Some(user.id));
    let departure = former_address::departure(&mut *tx, user.id, former, now).await?;
    let departure = departure.ok_or(NotMeError::InvalidLink)?;
    registration::forget_pending(tx, former).await?;
    let address = departure.old_email;
    // Nobody else gets an account with it while it can be called back.
    if !users::set_email(tx, user.id, &user.email_key, &address, now).await? {
        return Err(NotMeError::InvalidLink);
    }
    email_changes::delete_since(tx, user.id, departure.id).await?;
    audit::record(tx, Event::EmailChanged, Outcome::Success, id, source, now).await?;
    let (kind, left) = (MailKind::CalledBack, user.email.as_str());
    outbox::put(app, tx, kind, id, left, Some(address.as_str()), source).await?;
    Ok(address)
}
