//! The audit log: who did what, from where, when, and how it went; never a secret.

use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::{self, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::audit_events::{self, NewEvent};
use crate::secret;

/// An act, all of it.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// What was done.
    pub event: Event,
    /// How it went.
    pub outcome: Outcome,
    /// Who did it; nobody known on the command line, and where only an address was typed.
    pub actor: Option<UserId>,
    /// To whose account.
    pub subject: Option<UserId>,
    /// What it was about, if that does not say it all; never a secret.
    pub detail: Option<&'a str>,
    /// From where.
    pub source: &'a Source,
}

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
    let act = Act { event, outcome, actor, subject: user, detail: None, source };
    put(tx, &act, now).await
}

/// Records any act.
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

/// The same without a line in the server's log: for one of very many.
pub async fn put_quietly(tx: &mut Tx, act: &Act<'_>, now: Timestamp) -> Result<()> {
    let Act { event, outcome, actor, subject, detail, source } = *act;
    let merge_key = (outcome == Outcome::Refused).then(|| merge_key(act, now));
    let new = NewEvent { event, outcome, actor, subject, detail, source, merge_key };
    Ok(audit_events::put(tx, id::new(now), &new, now).await?)
}

/// What refused acts have in common that are one entry: everything but the exact address and moment. Whoever moves through the
/// addresses of a network does not fill the log.
fn merge_key(act: &Act<'_>, now: Timestamp) -> [u8; 32] {
    let Act { event, actor, subject, detail, source, .. } = *act;
    let (network, minute) = (source.widest_network(), now.0.div_euclid(60));
    let id = |id: Option<UserId>| id.map(|id| id.to_string()).unwrap_or_default();
    let (event, actor, subject) = (event.name(), id(actor), id(subject));
    let detail = detail.unwrap_or_default();
    let text = format!("{event}\n{actor}\n{subject}\n{network}\n{minute}\n{detail}");
    secret::sha256(text.as_bytes())
}
