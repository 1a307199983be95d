//! Limits log lines, so that a flood of connections does not flood the log.

use std::time::{Duration, Instant};

/// The shortest time between two log lines.
const INTERVAL: Duration = Duration::from_mins(1);

/// Logs an event at most once per interval.
#[derive(Default)]
pub struct LogLimit {
    last: Option<Instant>,
    count: u64,
}

impl LogLimit {
    /// Counts an event. `log` gets the number of events since the last log line.
    pub fn count(&mut self, log: impl FnOnce(u64)) {
        self.count += 1;
        if self.last.is_none_or(|last| last.elapsed() >= INTERVAL) {
            log(self.count);
            (self.last, self.count) = (Some(Instant::now()), 0);
        }
    }
}
