//! The audit log: who did what to which account, from where, when, and with which outcome. It never holds a secret.

use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::{self, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::audit_events::{self, NewEvent};
use crate::secret;

/// An administrator who acts, in the pages or on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// `None` on the command line.
    pub id: Option<UserId>,
    /// The client.
    pub source: &'a Source,
}

impl<'a> Actor<'a> {
    /// A successful act of this administrator.
    #[must_use]
    pub fn act(self, event: Event, subject: Option<UserId>, detail: Option<&'a str>) -> Act<'a> {
        let Self { id: actor, source } = self;
        Act { event, outcome: Outcome::Success, actor, subject, detail, source }
    }
}

/// An act as the log records it.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// The kind of act.
    pub event: Event,
    /// Whether it was done or refused.
    pub outcome: Outcome,
    /// Who did it. `None` on the command line, and if only an address was typed.
    pub actor: Option<UserId>,
    /// The account that was acted on.
    pub subject: Option<UserId>,
    /// What event and subject don't say; never a secret.
    pub detail: Option<&'a str>,
    /// The client.
    pub source: &'a Source,
}

/// Records an act of a user on their own account, or on no known account.
pub async fn record(
    tx: &mut Tx,
    event: Event,
    outcome: Outcome,
    user: Option<UserId>,
    source: &Source,
    now: Timestamp,
) -> Result<()> {
    // Knowing an address does not prove to be its owner: a refused act has a subject and no actor.
    let actor = user.filter(|_| outcome == Outcome::Success);
    let act = Act { event, outcome, actor, subject: user, detail: None, source };
    put(tx, &act, now).await
}

/// Records an act, also in the server's log.
pub async fn put(tx: &mut Tx, act: &Act<'_>, now: Timestamp) -> Result<()> {
    put_quietly(tx, act, now).await?;
    let Act { event, outcome, actor, subject, source, .. } = *act;
    let (address, span) = (source.address, tracing::Span::current());
    let by = actor.filter(|actor| Some(*actor) != subject);
    tx.after_commit(move || {
        let user = subject.map(tracing::field::display);
        let by = by.map(tracing::field::display);
        span.in_scope(|| tracing::info!(?event, ?outcome, user, by, %address, "audit"));
    });
    Ok(())
}

/// Records an act without a line in the server's log, because many follow each other.
pub async fn put_quietly(tx: &mut Tx, act: &Act<'_>, now: Timestamp) -> Result<()> {
    let Act { event, outcome, actor, subject, detail, source } = *act;
    let merge_key = (outcome == Outcome::Refused).then(|| merge_key(act, now));
    let new = NewEvent { event, outcome, actor, subject, detail, source, merge_key };
    audit_events::put(tx, id::new(now), &new, now).await
}

/// The key under which refused acts are merged into one entry: everything but the exact address and moment. A client that changes
/// its address within a network does not fill the log.
fn merge_key(act: &Act<'_>, now: Timestamp) -> [u8; 32] {
    let Act { event, actor, subject, detail, source, .. } = *act;
    let (network, minute) = (source.widest_network(), now.0.div_euclid(60));
    let id = |id: Option<UserId>| id.map(|id| id.to_string()).unwrap_or_default();
    let (event, actor, subject) = (event.name(), id(actor), id(subject));
    let detail = detail.unwrap_or_default();
    let text = format!("{event}\n{actor}\n{subject}\n{network}\n{minute}\n{detail}");
    secret::sha256(text.as_bytes())
}
