//! How long the database may take.

use std::time::Duration;

/// For a connection of the pool.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// For one statement outside a transaction, or for one transaction: no request waits longer for a silent server.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
