//! The export of a user's personal data, without hashes and secrets.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{AuditEntry, Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::session::{ListedSession, Session};
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::outbox_list::{self, ListedMail};
use crate::repositories::{audit_events, email_changes, sessions, users};
use crate::services::account::email_change;
use crate::services::audit;
use crate::services::throttle::{self, Subject};
use crate::services::two_factor::second_factor;
use crate::transaction;

/// The maximum number of sessions, of audit entries and of emails in an export. The newest are included.
const MOST: i64 = 10_000;

/// The JSON document. Times are RFC 3339.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonalData {
    exported_at: String,
    user: Person,
    roles: Vec<String>,
    sessions: Vec<KeptSession>,
    audit_entries: Vec<KeptEntry>,
    mails: Vec<KeptMail>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    id: UserId,
    email: EmailAddress,
    username: Username,
    handle: Option<Handle>,
    email_verified_at: Option<String>,
    former_emails: Vec<EmailAddress>,
    pending_email: Option<EmailAddress>,
    created_at: String,
    last_sign_in_at: Option<String>,
    second_factor_since: Option<String>,
    recovery_codes_left: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptSession {
    id: SessionId,
    is_this_one: bool,
    signed_in_at: String,
    last_seen_at: String,
    expires_at: String,
    ended_at: Option<String>,
    stays_signed_in: bool,
    signed_in_with: Vec<String>,
    network_address: String,
    user_agent: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptEntry {
    at: String,
    event: Event,
    outcome: Outcome,
    /// How many equal events within a minute this entry stands for.
    count: i64,
    by_administrator: bool,
    /// `None` if an administrator caused the event: their address is not the user's data.
    network_address: Option<String>,
    user_agent: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptMail {
    kind: MailKind,
    recipient: String,
    state: MailState,
    asked_for_at: String,
}

/// Why the export was refused.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Too many downloads. Contains the time to wait.
    #[error("too many downloads")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(ExportError);

/// Builds the document, and records the export.
pub async fn of(
    app: &App,
    session: &Session,
    source: &Source,
) -> Result<PersonalData, ExportError> {
    let (now, user) = (app.clock.now(), session.user_id);
    transaction!(app.db, |tx| -> Result<_, ExportError> {
        throttle::count(app, tx, Subject::Export(user)).await?.map_err(ExportError::TooMany)?;
        audit::record(tx, Event::DataExported, Outcome::Success, Some(user), source, now).await?;
        Ok(())
    })?;

    let dates = users::dates(&app.db, user).await?;
    let second_factor = second_factor::status(app, user).await?;
    let pending = email_change::pending(app, user).await?;
    let former_emails = email_changes::former(&app.db, user).await?;
    let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    let person = Person {
        id: user,
        email: session.email.clone(),
        username: session.username.clone(),
        handle: session.handle.clone(),
        email_verified_at: time(session.email_verified_at),
        former_emails,
        pending_email: pending.map(|change| change.new_email),
        created_at: dates.created_at.to_rfc3339(),
        last_sign_in_at: time(dates.last_sign_in_at),
        second_factor_since: time(second_factor.map(|it| it.since)),
        recovery_codes_left: second_factor.map(|it| it.recovery_codes),
    };
    let sessions = sessions::of_user(&app.db, user, MOST).await?;
    let entries = audit_events::of_user(&app.db, user, Uuid::max(), MOST).await?;
    let mut mails = outbox_list::of_user(&app.db, user, MOST).await?;
    // Whether this email was queued would reveal whether the new address has an account.
    mails.retain(|mail| mail.kind != MailKind::ConfirmEmail);
    Ok(PersonalData {
        exported_at: now.to_rfc3339(),
        user: person,
        roles: session.roles().map(ToOwned::to_owned).collect(),
        sessions: sessions.into_iter().map(|it| kept_session(it, session.id)).collect(),
        audit_entries: entries.into_iter().map(|it| kept_entry(user, it)).collect(),
        mails: mails.into_iter().map(kept_mail).collect(),
    })
}

fn kept_session(it: ListedSession, this: SessionId) -> KeptSession {
    KeptSession {
        id: it.id,
        is_this_one: it.id == this,
        signed_in_at: it.created_at.to_rfc3339(),
        last_seen_at: it.last_seen_at.to_rfc3339(),
        expires_at: it.expires_at.to_rfc3339(),
        ended_at: it.ended_at.map(Timestamp::to_rfc3339),
        stays_signed_in: it.remember,
        signed_in_with: it.amr.split(' ').map(ToOwned::to_owned).collect(),
        network_address: it.address,
        user_agent: it.user_agent,
    }
}

fn kept_entry(user: UserId, it: AuditEntry) -> KeptEntry {
    let by_administrator = it.is_by_another(user);
    let own = |text: String| (!by_administrator).then_some(text);
    KeptEntry {
        at: it.at.to_rfc3339(),
        event: it.event,
        outcome: it.outcome,
        count: it.count,
        by_administrator,
        network_address: own(it.address),
        user_agent: own(it.user_agent),
    }
}

fn kept_mail(it: ListedMail) -> KeptMail {
    let ListedMail { kind, recipient, state, created_at } = it;
    KeptMail { kind, recipient, state, asked_for_at: created_at.to_rfc3339() }
}
