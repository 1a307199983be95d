//! The rules for removing an administrator: at least one other remains, and their unused invitations are revoked.

use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::invitation::Because;
use crate::domain::audit_event::Event;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::{invitations, user_roles};
use crate::services::audit::{self, Actor};

/// Whether this account is the last administrator of the site. Locks the roles of all administrators until the transaction ends.
pub async fn is_last(tx: &mut Tx, id: UserId) -> Result<bool> {
    user_roles::hold_administrators(tx).await?;
    let is_one = user_roles::is_administrator(&mut *tx, id).await?;
    Ok(is_one && user_roles::other_administrators(tx, id).await? == 0)
}

/// Revokes the unused invitations that `maker` created.
pub async fn revoke_invitations(
    tx: &mut Tx,
    actor: Actor<'_>,
    maker: UserId,
    because: Because,
    now: Timestamp,
) -> Result<()> {
    for id in invitations::revoke_made_by(tx, maker, because, now).await? {
        let id = id.to_string();
        audit::put(tx, &actor.act(Event::InvitationRevoked, None, Some(&id)), now).await?;
    }
    Ok(())
}
