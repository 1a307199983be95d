//! What becomes of an administrator's open invitations when they may no longer invite: they are revoked, once and for all.

use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::invitation::Because;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::invitations;
use crate::services::audit::{self, Act};

/// Revokes what `maker` has made and no one has used yet. `actor`: who caused it; no one known on the command line.
pub async fn revoke_all(
    tx: &mut Tx,
    maker: UserId,
    because: Because,
    actor: Option<UserId>,
    source: &Source,
    now: Timestamp,
) -> Result<()> {
    for id in invitations::revoke_made_by(tx, maker, because, now).await? {
        let act = Act {
            event: Event::InvitationRevoked,
            outcome: Outcome::Success,
            actor,
            subject: None,
            detail: Some(&id.to_string()),
            source,
        };
        audit::put(tx, &act, now).await?;
    }
    Ok(())
}
