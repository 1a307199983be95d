//! Former addresses of accounts. For some days each can undo the change ('this was not me') and is reserved for its account.

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
use crate::services::email::queue::{self, Recipient};

/// How long a former address can undo a change: the lifetime of the emailed link, plus a day because the email may be delayed.
const UNDO_TIME: Duration = NOT_ME_TTL.saturating_add(Duration::from_hours(24));

/// How long changes are stored. A change may wait a day for its email and an hour for its confirmation before it takes effect.
pub const KEPT: Duration = UNDO_TIME.saturating_add(Duration::from_hours(2 * 24));

/// The change that `email` can undo for this account, together with all later ones.
pub async fn departure(
    on: impl Into<Conn<'_>>,
    user: UserId,
    email: &EmailKey,
    now: Timestamp,
) -> Result<Option<Departure>> {
    Ok(email_changes::first_departure(on, user, email, since(now)).await?)
}

/// The change that reserves `email` for its former account.
pub async fn reserved(tx: &mut Tx, email: &EmailKey, now: Timestamp) -> Result<Option<Departure>> {
    Ok(email_changes::last_departure(tx, email, since(now)).await?)
}

/// Changes confirmed after this moment reserve the former address.
#[must_use]
pub fn since(now: Timestamp) -> Timestamp {
    now.before(UNDO_TIME)
}

/// Emails a former address that it was entered in a form, and how to undo the change: its owner may have lost the account to a thief.
pub async fn tell(app: &App, tx: &mut Tx, departure: &Departure, source: &Source) -> Result<()> {
    let to = Recipient::Account(departure.user_id, departure.old_email.as_str());
    queue::put(app, tx, MailKind::AddressReserved, to, None, source).await
}
