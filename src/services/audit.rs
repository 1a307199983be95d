//! The audit log: who did what, from where, when, and how it went; never a secret.

use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::{self, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::audit_events::{self, NewEvent};

/// Records what a person did to their own account, or to nobody's that is known.
pub async fn record(
    tx: &mut Tx,
    event: Event,
    outcome: Outcome,
    user: Option<UserId>,
    source: &Source,
    now: Timestamp,
) -> Result<()> {
    // Who only knows an address has not shown to be its owner: a refused act has a subject and no actor.
    let actor = user.filter(|_| outcome == Outcome::Success);
    let new = NewEvent { event, outcome, actor, subject: user, source };
    audit_events::put(tx, id::new(now), &new, now).await?;
    let (address, span) = (source.address, tracing::Span::current());
    tx.after_commit(move || {
        let user = user.map(tracing::field::display);
        span.in_scope(|| tracing::info!(?event, ?outcome, user, %address, "audit"));
    });
    Ok(())
}
