//! The audit log: who did what to which account, from where, when, and with which outcome. It never contains a secret.
//!
//! The entry about a successful action also claims the form that asked for it, so that a form that is sent twice acts once.

use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::{self, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::audit_events::{self, NewEvent};
use crate::secret;
use crate::services::accepted_forms;

/// The administrator who performs an action, on the pages or on the command line.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// `None` on the command line.
    pub id: Option<UserId>,
    /// The client.
    pub source: &'a Source,
}

impl<'a> Actor<'a> {
    /// A successful action of this administrator.
    #[must_use]
    pub fn act(self, event: Event, subject: Option<UserId>, detail: Option<&'a str>) -> Act<'a> {
        let Self { id: actor, source } = self;
        Act { event, outcome: Outcome::Success, actor, subject, detail, source }
    }
}

/// An action as the log records it.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// The kind of action.
    pub event: Event,
    /// Whether it succeeded or was refused.
    pub outcome: Outcome,
    /// The user who performed it. `None` on the command line, and if a visitor only entered an email address.
    pub actor: Option<UserId>,
    /// The account that the action concerns.
    pub subject: Option<UserId>,
    /// Further facts for the reader of the log; never a secret.
    pub detail: Option<&'a str>,
    /// The client.
    pub source: &'a Source,
}

/// Records an action of a user on their own account, or on no known account.
pub async fn record(
    tx: &mut Tx,
    event: Event,
    outcome: Outcome,
    user: Option<UserId>,
    source: &Source,
    now: Timestamp,
) -> Result<()> {
    // Entering an email address does not prove who the visitor is: a refused action has a subject but no actor.
    let actor = user.filter(|_| outcome == Outcome::Success);
    let act = Act { event, outcome, actor, subject: user, detail: None, source };
    put(tx, &act, now).await
}

/// Records an action, and adds a line to the server's log.
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

/// Records one of many actions in a row, without a line in the server's log.
pub async fn put_quietly(tx: &mut Tx, act: &Act<'_>, now: Timestamp) -> Result<()> {
    let Act { event, outcome, actor, subject, detail, source } = *act;
    if outcome == Outcome::Success {
        accepted_forms::claim(tx, source, now).await?;
    }
    let merge_key = (outcome == Outcome::Refused).then(|| merge_key(act, now));
    let new = NewEvent { event, outcome, actor, subject, detail, source, merge_key };
    Ok(audit_events::put(tx, id::new(now), &new, now).await?)
}

/// Refused actions with the same key are merged into one entry. The key has the network and the minute, not the exact address and time,
/// so a client that changes its address within a network does not fill the log.
fn merge_key(act: &Act<'_>, now: Timestamp) -> [u8; 32] {
    let Act { event, actor, subject, detail, source, .. } = *act;
    let (network, minute) = (source.widest_network(), now.0.div_euclid(60));
    let id = |id: Option<UserId>| id.map(|id| id.to_string()).unwrap_or_default();
    let (event, actor, subject) = (event.name(), id(actor), id(subject));
    let detail = detail.unwrap_or_default();
    let text = format!("{event}\n{actor}\n{subject}\n{network}\n{minute}\n{detail}");
    secret::sha256(text.as_bytes())
}
