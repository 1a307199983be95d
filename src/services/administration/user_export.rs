//! Exports all accounts in the format that `user import` reads.

use serde::Serialize;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::account::username::Username;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::user_batches;
use crate::services::audit::{self, Actor};
use crate::transaction;

/// Accounts per query.
const BATCH: i64 = 500;

/// An account, as `user import` reads it.
#[derive(Serialize)]
#[expect(missing_debug_implementations, reason = "may contain a password hash")]
pub struct Line {
    id: UserId,
    email: EmailAddress,
    username: Username,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<Handle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<String>,
    roles: Vec<String>,
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
}

/// An export in progress.
#[derive(Debug)]
pub struct UserExport {
    after: UserId,
    password_hashes: bool,
}

/// Starts an export, and records it before the first account is read.
pub async fn begin(app: &App, actor: Actor<'_>, password_hashes: bool) -> Result<UserExport> {
    let now = app.clock.now();
    let detail = AuditDetail::PasswordHashes(password_hashes).to_string();
    let act = actor.act(Event::UsersExported, None, Some(&detail));
    transaction!(app.db, |tx| -> Result<_> { audit::put(tx, &act, now).await })?;
    Ok(UserExport { after: UserId(uuid::Uuid::nil()), password_hashes })
}

/// The next accounts by ID; empty at the end. Unconfirmed sign-ups are not exported.
pub async fn next(app: &App, export: &mut UserExport) -> Result<Vec<Line>> {
    let found = user_batches::exported_after(&app.db, export.after, BATCH).await?;
    if let Some(last) = found.last() {
        export.after = last.id;
    }
    let lines = found.into_iter().map(|user| Line {
        id: user.id,
        email: user.email,
        username: user.username,
        handle: user.handle,
        password_hash: user.password_hash.filter(|_| export.password_hashes),
        roles: user.roles.iter().flat_map(|it| it.split(',')).map(ToOwned::to_owned).collect(),
        verified: user.email_verified_at.is_some(),
        language: user.preferences.language,
        time_zone: user.preferences.time_zone,
    });
    Ok(lines.collect())
}
