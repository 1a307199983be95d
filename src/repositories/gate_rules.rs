//! The table `gate_rules`: what the rules of the proxies require, as they asked the gate.

use crate::clock::Timestamp;
use crate::db::{Conn, Result, Tx, query};
use crate::domain::gate::requirement::{AskedRequirement, Requirement};

/// Records that a proxy has asked with this requirement for an app.
pub async fn put(
    tx: &mut Tx,
    origin: &str,
    requirement: &Requirement,
    now: Timestamp,
) -> Result<()> {
    query(
        tx,
        "INSERT INTO gate_rules (origin, roles, second_factor, last_asked_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (origin, roles, second_factor) DO UPDATE SET last_asked_at = excluded.last_asked_at",
    )
    .bind(origin.to_owned())
    .bind(requirement.roles.clone())
    .bind(requirement.second_factor)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Deletes the requirements of an app that were asked longest ago, so that `limit` are left.
pub async fn make_room(tx: &mut Tx, origin: &str, limit: i64) -> Result<()> {
    query(
        tx,
        "DELETE FROM gate_rules WHERE origin = $1
           AND (roles, second_factor) NOT IN
               (SELECT roles, second_factor FROM gate_rules WHERE origin = $1
                ORDER BY last_asked_at DESC, roles, second_factor LIMIT $2)",
    )
    .bind(origin.to_owned())
    .bind(limit)
    .execute()
    .await?;
    Ok(())
}

/// The requirements of all apps, the one that was asked last first. They are few, because [`make_room`] bounds those of each app.
pub async fn all(on: impl Into<Conn<'_>>) -> Result<Vec<AskedRequirement>> {
    query(
        on,
        "SELECT origin, roles, second_factor, last_asked_at FROM gate_rules
         ORDER BY last_asked_at DESC, origin, roles, second_factor",
    )
    .all()
    .await
}

/// Deletes requirements that no proxy has asked with since `before`, at most `limit`. Returns how many.
pub async fn delete_older(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64> {
    query(
        tx,
        "DELETE FROM gate_rules WHERE last_asked_at < $1
           AND (origin, roles, second_factor) IN
               (SELECT origin, roles, second_factor FROM gate_rules WHERE last_asked_at < $1 LIMIT $2)",
    )
    .bind(before)
    .bind(limit)
    .execute()
    .await
}
