//! Addresses that accounts were moved away from. For a while each can call its account back ('this was not me'), and nobody else
//! gets an account with it.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::domain::account::email::EmailKey;
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::NOT_ME_TTL;
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::email_changes::{self, Departure};
use crate::services::email::outbox;

/// How long a former address can do that: as long as the link in the mail that told it, which may take a day to leave.
const CALLS_BACK: Duration = NOT_ME_TTL.saturating_add(Duration::from_hours(24));

/// How long changes of address are kept: one may wait a day for its mail and an hour for its answer before it counts.
pub const KEPT: Duration = CALLS_BACK.saturating_add(Duration::from_hours(2 * 24));

/// The change that `email` could undo for this account, with all that came after it.
pub async fn departure(
    on: impl Into<Conn<'_>>,
    user: UserId,
    email: &EmailKey,
    now: Timestamp,
) -> Result<Option<Departure>> {
    Ok(email_changes::first_departure(on, user, email, since(now)).await?)
}

/// The change that keeps `email` for its former account.
pub async fn reserved(tx: &mut Tx, email: &EmailKey, now: Timestamp) -> Result<Option<Departure>> {
    Ok(email_changes::last_departure(tx, email, since(now)).await?)
}

/// Changes that were confirmed after this moment keep the former address for its account.
#[must_use]
pub fn since(now: Timestamp) -> Timestamp {
    now.before(CALLS_BACK)
}

/// Tells a former address that somebody wants to use it, and how to call the account back: somebody who reads its mail seems
/// to miss it.
pub async fn tell(app: &App, tx: &mut Tx, departure: &Departure, source: &Source) -> Result<()> {
    let (kind, owner) = (MailKind::AddressReserved, Some(departure.user_id));
    outbox::put(app, tx, kind, owner, departure.old_email.as_str(), None, source).await
}
