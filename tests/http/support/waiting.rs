//! Waiting for what must happen.

use std::time::{Duration, Instant};

/// How long a test waits for what must happen, because busy machines are slow. Only a test that fails waits that long.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The first thing that `look` finds, or `None` if it finds nothing within `PATIENCE`.
pub async fn wait_for<T>(mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = look().await;
        if found.is_some() || Instant::now() > deadline {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Whether this holds within `PATIENCE`.
#[must_use]
pub async fn wait_until(mut holds: impl AsyncFnMut() -> bool) -> bool {
    wait_for(async || holds().await.then_some(())).await.is_some()
}
