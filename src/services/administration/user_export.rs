//! Taking all accounts away, in the form in which an import takes them.

use serde::Serialize;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::username::Username;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::users;
use crate::services::administration::accounts::Actor;
use crate::services::audit::{self, Act};
use crate::transaction;

/// Accounts that are read at a time.
const BATCH: i64 = 500;

/// An account, as `user import` reads it.
#[derive(Serialize)]
#[expect(missing_debug_implementations, reason = "may hold the password's hash")]
pub struct Line {
    id: UserId,
    email: EmailAddress,
    username: Username,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<String>,
    roles: Vec<String>,
    verified: bool,
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    after: UserId,
    password_hashes: bool,
}

/// Begins an export, which the log notes before anything leaves.
pub async fn begin(app: &App, actor: Actor<'_>, password_hashes: bool) -> Result<Export> {
    let now = app.clock.now();
    let act = Act {
        event: Event::UsersExported,
        outcome: Outcome::Success,
        actor: actor.id,
        subject: None,
        detail: Some(if password_hashes {
            "with password hashes"
        } else {
            "without password hashes"
        }),
        source: actor.source,
    };
    transaction!(app.db, |tx| -> Result<_> { audit::put(tx, &act, now).await })?;
    Ok(Export { after: UserId(uuid::Uuid::nil()), password_hashes })
}

/// The next accounts in the order of their ids; none at the end. Sign-ups that nobody confirmed are not accounts yet.
pub async fn next(app: &App, export: &mut Export) -> Result<Vec<Line>> {
    let found = users::after(&app.db, export.after, BATCH).await?;
    if let Some(last) = found.last() {
        export.after = last.id;
    }
    let lines = found.into_iter().map(|user| Line {
        id: user.id,
        email: user.email,
        username: user.username,
        // Behind a `!` no password opens the account: there is none to take along.
        password_hash: Some(user.password_hash)
            .filter(|hash| export.password_hashes && !hash.starts_with('!')),
        roles: user.roles.iter().flat_map(|it| it.split(',')).map(ToOwned::to_owned).collect(),
        verified: user.email_verified_at.is_some(),
    });
    Ok(lines.collect())
}
