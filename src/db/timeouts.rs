//! Timeouts of the database.

use std::time::Duration;

/// For getting a connection from the pool.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// For one statement outside a transaction, or for one transaction. No request waits longer for an unresponsive server.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
