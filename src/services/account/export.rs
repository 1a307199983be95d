//! The export of a user's personal data, without hashes and secrets.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::preferences::Preferences;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{AuditEntry, Event, Outcome};
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::mail_state::MailState;
use crate::domain::id::{SessionId, UserId};
use crate::domain::paging::{Direction, PageOf, one_more};
use crate::domain::sign_in::amr::Amr;
use crate::domain::sign_in::demand::Proven;
use crate::domain::sign_in::emailed_code::CodeStanding;
use crate::domain::sign_in::session::{ListedSession, Session};
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::domain::stored::Stored;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::outbox_list::{self, ListedMail};
use crate::repositories::{
    audit_events, email_changes, emailed_codes, listed_sessions, passwords, users,
};
use crate::services::account::email_change;
use crate::services::audit;
use crate::services::throttle::{self, Subject};
use crate::services::two_factor::second_factor;
use crate::transaction;

/// Rows per query.
const BATCH: usize = 500;
/// Emailed codes in the document. An account has few, because they are deleted soon.
const CODES: i64 = 100;

/// The beginning of the JSON document, which the lists of [`ExportList`] follow. Times are RFC 3339.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonalData {
    exported_at: String,
    user: Person,
    roles: Vec<String>,
    emailed_codes: Vec<KeptCode>,
}

/// A list of the document. It is read in batches, since it can be longer than memory allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportList {
    /// All stored sessions, the latest sign-in first.
    Sessions,
    /// The audit log, newest first.
    AuditEntries,
    /// The emails, newest first.
    Mails,
}

impl ExportList {
    /// Every list, in the order of the document.
    pub const ALL: [Self; 3] = [Self::Sessions, Self::AuditEntries, Self::Mails];

    /// Its name in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::AuditEntries => "auditEntries",
            Self::Mails => "mails",
        }
    }
}

/// A row of one of these lists.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ExportRow(Kept);

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Kept {
    Session(KeptSession),
    Entry(KeptEntry),
    Mail(KeptMail),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    id: UserId,
    email: EmailAddress,
    username: Username,
    handle: Option<Handle>,
    #[serde(flatten)]
    preferences: Preferences,
    email_verified_at: Option<String>,
    former_emails: Vec<EmailAddress>,
    pending_email: Option<EmailAddress>,
    created_at: String,
    last_sign_in_at: Option<String>,
    /// `None` if the account has no password.
    password_set_at: Option<String>,
    second_factor_since: Option<String>,
    recovery_codes_left: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptSession {
    id: SessionId,
    is_this_one: bool,
    /// Missing for a session from before kinds.
    kind: Option<Stored<SessionKind>>,
    signed_in_at: String,
    last_seen_at: String,
    expires_at: String,
    ended_at: Option<String>,
    stays_signed_in: bool,
    signed_in_with: Amr,
    network_address: String,
    user_agent: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptEntry {
    at: String,
    event: Stored<Event>,
    outcome: Stored<Outcome>,
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
    kind: Stored<MailKind>,
    recipient: String,
    state: Stored<MailState>,
    asked_for_at: String,
}

/// The tries at a code that was emailed to confirm who the user is. The code itself is not stored.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptCode {
    asked_for_at: String,
    tries: i64,
    used_at: Option<String>,
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

/// Records the export, and returns the beginning of the document.
pub async fn begin(
    app: &App,
    proven: Proven<'_>,
    source: &Source,
) -> Result<PersonalData, ExportError> {
    let (now, session, user) = (app.clock.now(), proven.session(), proven.user());
    transaction!(app.db, |tx| -> Result<_, ExportError> {
        throttle::count(app, tx, Subject::Export(user)).await?.map_err(ExportError::TooMany)?;
        audit::record(tx, Event::DataExported, Outcome::Success, Some(user), source, now).await?;
        Ok(())
    })?;

    let dates = users::dates(&app.db, user).await?;
    let password = passwords::find(&app.db, user).await?.filter(|it| it.revoked_at.is_none());
    let second_factor = second_factor::status(app, user).await?;
    let pending = email_change::pending(app, user).await?;
    let former_emails = email_changes::former(&app.db, user).await?;
    let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    let person = Person {
        id: user,
        email: session.email.clone(),
        username: session.username.clone(),
        handle: session.handle.clone(),
        preferences: session.preferences.clone(),
        email_verified_at: time(session.email_verified_at),
        former_emails,
        pending_email: pending.map(|change| change.new_email),
        created_at: dates.created_at.to_rfc3339(),
        last_sign_in_at: time(dates.last_sign_in_at),
        password_set_at: time(password.map(|it| it.set_at)),
        second_factor_since: time(second_factor.map(|it| it.since)),
        recovery_codes_left: second_factor.map(|it| it.recovery_codes),
    };
    let codes = emailed_codes::of_user(&app.db, user, CODES).await?;
    Ok(PersonalData {
        exported_at: now.to_rfc3339(),
        user: person,
        roles: session.roles().map(ToOwned::to_owned).collect(),
        emailed_codes: codes.into_iter().map(kept_code).collect(),
    })
}

/// The rows of a list before `before`, or its first ones.
pub async fn rows(
    app: &App,
    session: &Session,
    list: ExportList,
    before: Option<Uuid>,
) -> Result<PageOf<ExportRow, Uuid>> {
    let (user, before, more) = (session.user_id, before.unwrap_or(Uuid::max()), one_more(BATCH));
    Ok(match list {
        ExportList::Sessions => {
            let found = listed_sessions::of_user(&app.db, user, before, more).await?;
            let kept = |it| ExportRow(Kept::Session(kept_session(it, session.id)));
            PageOf::cut(found, BATCH, |last| last.id.0).map(kept)
        }
        ExportList::AuditEntries => {
            let found =
                audit_events::of_user(&app.db, user, Direction::Forward, before, more).await?;
            let kept = |it| ExportRow(Kept::Entry(kept_entry(user, it)));
            PageOf::cut(found, BATCH, |last| last.id).map(kept)
        }
        ExportList::Mails => {
            let found = outbox_list::of_user(&app.db, user, before, more).await?;
            let mut found = PageOf::cut(found, BATCH, |last| last.id.0);
            // Whether this email was queued would reveal whether the new address has an account. The same may be true of an email that only
            // a later version knows.
            found
                .rows
                .retain(|mail| mail.kind.known().is_some_and(|it| it != MailKind::ConfirmEmail));
            found.map(|it| ExportRow(Kept::Mail(kept_mail(it))))
        }
    })
}

fn kept_session(it: ListedSession, this: SessionId) -> KeptSession {
    KeptSession {
        id: it.id,
        is_this_one: it.id == this,
        kind: it.kind,
        signed_in_at: it.created_at.to_rfc3339(),
        last_seen_at: it.last_seen_at.to_rfc3339(),
        expires_at: it.expires_at.to_rfc3339(),
        ended_at: it.ended_at.map(Timestamp::to_rfc3339),
        stays_signed_in: it.remember,
        signed_in_with: it.amr,
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

fn kept_code(it: CodeStanding) -> KeptCode {
    KeptCode {
        asked_for_at: it.created_at.to_rfc3339(),
        tries: it.tries,
        used_at: it.spent_at.map(Timestamp::to_rfc3339),
    }
}

fn kept_mail(it: ListedMail) -> KeptMail {
    let ListedMail { kind, recipient, state, created_at, .. } = it;
    KeptMail { kind, recipient, state, asked_for_at: created_at.to_rfc3339() }
}
