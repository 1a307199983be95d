//! The set of recovery codes of an account: creating it, showing it, and deleting it.
//!
//! The database stores hashes of the codes. For ten minutes it also stores a seed from which `SECRET_KEY` computes them, so that codes are
//! not lost with a lost response.

use std::time::Duration;

use crate::app::App;
use crate::clock::{DRIFT, Timestamp};
use crate::db::Tx;
use crate::domain::id::UserId;
use crate::domain::sign_in::demand::Proven;
use crate::domain::sign_in::session::Session;
use crate::domain::two_factor::recovery_code::{CodeSeed, RecoveryCode};
use crate::error::Result;
use crate::repositories::{recovery_code_seeds, recovery_codes};
use crate::transaction;

/// How long new codes can be shown again.
pub const SHOWN_FOR: Duration = Duration::from_mins(10);

/// Replaces the codes of the session's owner.
pub async fn replace(app: &App, tx: &mut Tx, session: &Session, now: Timestamp) -> Result<()> {
    let (user, seed) = (session.user_id, CodeSeed::random());
    recovery_codes::delete_all(tx, user).await?;
    for code in codes(app, &seed) {
        recovery_codes::put(tx, user, &code, now).await?;
    }
    recovery_code_seeds::put(tx, user, session.id, &seed, now).await?;
    Ok(())
}

/// The codes that were created in this session, unless the user has saved them or ten minutes have passed.
pub async fn shown(app: &App, proven: Proven<'_>) -> Result<Option<Vec<RecoveryCode>>> {
    let (now, session) = (app.clock.now(), proven.session());
    let (user, since, until) = (session.user_id, now.before(SHOWN_FOR), now.after(DRIFT));
    let seed = recovery_code_seeds::find(&app.db, user, session.id, since, until).await?;
    Ok(seed.map(|seed| codes(app, &seed)))
}

/// The user has saved the codes: they cannot be shown again.
pub async fn saved(app: &App, session: &Session) -> Result<()> {
    transaction!(app.db, |tx| { recovery_code_seeds::delete(tx, session.user_id).await })?;
    Ok(())
}

/// Deletes all codes.
pub async fn delete(tx: &mut Tx, user: UserId) -> Result<()> {
    recovery_codes::delete_all(tx, user).await?;
    recovery_code_seeds::delete(tx, user).await?;
    Ok(())
}

/// Deletes the codes that were created after `since`. Returns whether there were any.
pub async fn delete_since(tx: &mut Tx, user: UserId, since: Timestamp) -> Result<bool> {
    let deleted = recovery_codes::delete_since(tx, user, since).await?;
    if deleted > 0 {
        recovery_code_seeds::delete(tx, user).await?;
    }
    Ok(deleted > 0)
}

/// Deletes the seeds of codes that cannot be shown again.
pub async fn forget_seeds(app: &App) -> Result<()> {
    let before = app.clock.now().before(SHOWN_FOR);
    transaction!(app.db, |tx| { recovery_code_seeds::delete_older(tx, before).await })?;
    Ok(())
}

fn codes(app: &App, seed: &CodeSeed) -> Vec<RecoveryCode> {
    RecoveryCode::of_seed(&app.secrets.recovery_codes, seed)
}
