//! The table `setup_dismissals`: the steps of the setup that administrators have dismissed, each for themselves.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::id::UserId;
use crate::domain::setup_step::SetupStep;
use crate::domain::stored::Stored;

/// The steps that a user has dismissed, of those that this version has.
pub async fn of_user(on: impl Into<Conn<'_>>, user: UserId) -> Result<Vec<SetupStep>> {
    let steps: Vec<(Stored<SetupStep>,)> =
        query(on, "SELECT step FROM setup_dismissals WHERE user_id = $1").bind(user).all().await?;
    Ok(steps.iter().filter_map(|(step,)| step.known()).collect())
}

/// Dismisses a step for a user.
pub async fn put(tx: &mut Tx, user: UserId, step: SetupStep, now: Timestamp) -> Result<()> {
    query(
        tx,
        "INSERT INTO setup_dismissals (user_id, step, dismissed_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(user)
    .bind(step)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}
