//! Signing up by invitation: finds an invitation by its link, and uses it up.

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::invitation::{Invitation, InvitationStanding};
use crate::domain::account::user::User;
use crate::domain::audit_event::Event;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::id::{InvitationId, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::{invitations, user_roles};
use crate::services::audit::{self, Actor};
use crate::services::links;

/// The open invitation of a link, if sign-ups by invitation are enabled. Changes nothing.
pub async fn find_by_link(app: &App, token: &OneTimeToken) -> Result<Option<Invitation>> {
    if !app.config.registration.admits(true) {
        return Ok(None);
    }
    let found = invitations::find_by_token(&app.db, token).await?;
    Ok(found.filter(|it| it.standing(app.clock.now()) == InvitationStanding::Open))
}

/// Whether a sign-up can no longer be confirmed because its invitation was used by someone else or revoked. Changes nothing.
pub async fn is_lost(app: &App, user: &User) -> Result<bool> {
    links::invitation_is_lost(&app.db, user).await
}

/// Uses up the invitation for a new account, which gets its roles. `false`: it was used or revoked.
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
    let (actor, id) = (Actor { id: Some(user), source }, id.to_string());
    audit::put(tx, &actor.act(Event::InvitationUsed, Some(user), Some(&id)), now).await?;
    Ok(true)
}
