//! The table `users`: how many accounts there are.

use crate::db::{Conn, Result, query};
use crate::domain::account::user_list::UserStanding;

/// The number of accounts in each state. A state without accounts is missing.
pub async fn by_standing(on: impl Into<Conn<'_>>) -> Result<Vec<(UserStanding, i64)>> {
    query(
        on,
        "SELECT CASE WHEN disabled_at IS NOT NULL THEN 'disabled' WHEN awaits_approval_since IS NOT NULL THEN 'waiting'
                     WHEN email_verified_at IS NULL THEN 'unverified' ELSE 'active' END AS standing,
                COUNT(*) AS count
         FROM users GROUP BY 1",
    )
    .all()
    .await
}
