//! Invitations: made by administrators, used by one person each.

use std::collections::BTreeSet;
use std::time::Duration;

use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::config::Registration;
use crate::db::Tx;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::invitation::{Invitation, Standing};
use crate::domain::account::role::Role;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::id::{InvitationId, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::{invitations, user_roles, users};
use crate::secret::Secret;
use crate::services::administration::accounts::{ActError, Actor};
use crate::services::audit::{self, Act};
use crate::services::email::outbox;
use crate::transaction;

/// An invitation to be.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    /// Whom it is for; nobody in particular: whoever holds the link.
    pub email: Option<&'a EmailAddress>,
    /// Whether the link goes to that address by mail.
    pub by_mail: bool,
    /// What the account gets.
    pub roles: &'a BTreeSet<Role>,
    /// How long somebody may sign up by it.
    pub lasts: Duration,
}

/// Makes an invitation.
pub async fn invite(
    app: &App,
    actor: Actor<'_>,
    new: &NewInvitation<'_>,
) -> Result<InvitationId, ActError> {
    const CLOSED: ActError = ActError::Unfit(
        "Nobody can sign up here, not even by invitation: REGISTRATION is closed. Set it to invite.",
    );
    if app.config.registration == Registration::Closed {
        return Err(CLOSED);
    }
    let now = app.clock.now();
    let roles = new.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(",");
    let id = InvitationId::new(now);
    let invitation = Invitation {
        id,
        email: new.email.cloned(),
        roles: roles.clone(),
        created_at: now,
        created_by: actor.id,
        expires_at: now.after(new.lasts),
        revoked_at: None,
        revoked_because: None,
        maker_may: true,
        used_at: None,
        used_by: None,
    };
    let token = token(app, id);
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if let Some(email) = new.email {
            let known = users::find_by_email(&mut *tx, &email.key()).await?;
            if known.is_some_and(|user| !user.is_pending()) {
                return Err(ActError::Unfit("There is an account with this address already."));
            }
        }
        invitations::put(tx, &invitation, &token).await?;
        if let Some(email) = new.email.filter(|_| new.by_mail) {
            let (kind, detail) = (MailKind::Invitation, id.to_string());
            outbox::put(app, tx, kind, None, email.as_str(), Some(&detail), actor.source).await?;
        }
        let detail = if roles.is_empty() { "no roles".to_owned() } else { roles.clone() };
        note(tx, actor, Event::InvitationCreated, None, &detail, now).await?;
        Ok(())
    })?;
    app.outbox_bell.notify_one();
    Ok(id)
}

/// The invitations before one, the latest first, at most `limit`.
pub async fn list(app: &App, before: Option<Uuid>, limit: u32) -> Result<Vec<Invitation>> {
    Ok(invitations::latest(&app.db, before.unwrap_or(Uuid::max()), limit.into()).await?)
}

/// One of them.
pub async fn find(app: &App, id: InvitationId) -> Result<Option<Invitation>> {
    Ok(invitations::find(&app.db, id).await?)
}

/// The one by whose link somebody comes, if they may sign up by it. Changes nothing.
pub async fn open(app: &App, token: &OneTimeToken) -> Result<Option<Invitation>> {
    if !app.config.registration.admits(true) {
        return Ok(None);
    }
    let found = invitations::find_by_token(&app.db, token).await?;
    Ok(found.filter(|it| it.standing(app.clock.now()) == Standing::Open))
}

/// What the link of an invitation holds.
#[must_use]
pub fn token(app: &App, id: InvitationId) -> OneTimeToken {
    OneTimeToken::of_invitation(&app.secrets.invitation, id)
}

/// The link, for administrators to hand over.
#[must_use]
pub fn link(app: &App, id: InvitationId) -> Secret<String> {
    let path = format!("/auth/invitation/{}", token(app, id).reveal());
    Secret::new(app.config.public_url.link(&path))
}

/// Revokes an invitation. Whoever has signed up by it and not confirmed yet does not get in any more.
pub async fn revoke(app: &App, actor: Actor<'_>, id: InvitationId) -> Result<(), ActError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if invitations::find(&mut *tx, id).await?.is_none() {
            return Err(ActError::Unknown);
        }
        if !invitations::revoke(tx, id, now).await? {
            return Err(ActError::Unfit("The invitation has been used or revoked already."));
        }
        note(tx, actor, Event::InvitationRevoked, None, &id.to_string(), now).await?;
        Ok(())
    })
}

/// The account that somebody was invited to becomes one: uses the invitation up, and gives what it promises. `false`: somebody else was
/// first, or it is revoked.
pub async fn accept(
    tx: &mut Tx,
    id: InvitationId,
    user: UserId,
    source: &Source,
    now: Timestamp,
) -> Result<bool> {
    if !invitations::use_up(tx, id, user, now).await? {
        return Ok(false);
    }
    let Some(invitation) = invitations::find(&mut *tx, id).await? else { return Ok(false) };
    for role in invitation.roles() {
        user_roles::add(tx, user, &role).await?;
    }
    let actor = Actor { id: Some(user), source };
    note(tx, actor, Event::InvitationUsed, Some(user), &id.to_string(), now).await?;
    Ok(true)
}

async fn note(
    tx: &mut Tx,
    actor: Actor<'_>,
    event: Event,
    subject: Option<UserId>,
    detail: &str,
    now: Timestamp,
) -> Result<()> {
    let (outcome, source, detail) = (Outcome::Success, actor.source, Some(detail));
    audit::put(tx, &Act { event, outcome, actor: actor.id, subject, detail, source }, now).await
}
