//! The only source of time.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// How far the clocks of two instances may differ. A stored time that lies further in the future was stored before the clock was set back.
pub const DRIFT: Duration = Duration::from_secs(30);

/// Whole seconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
)]
#[sqlx(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// `by` later.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(seconds(by)))
    }

    /// `by` earlier.
    #[must_use]
    pub fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(seconds(by)))
    }

    /// The time since `earlier`; zero if the clock was set back in between.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whether it lies so far after `now` that the clock must have been set back in between.
    #[must_use]
    pub fn is_ahead_of(self, now: Self) -> bool {
        self > now.after(DRIFT)
    }

    /// Whether less than `span` has passed since. Never true for a time that [is ahead](Self::is_ahead_of), which would otherwise be recent
    /// until the clock catches up.
    #[must_use]
    pub fn is_within(self, span: Duration, now: Self) -> bool {
        !self.is_ahead_of(now) && now.since(self) < span
    }

    /// RFC 3339, for programs: `2026-11-23T06:30:00Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.0).map(|moment| moment.to_string()).unwrap_or_default()
    }

    /// For libraries that take the standard library's type.
    #[must_use]
    pub fn to_system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(u64::try_from(self.0).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    /// For the command line and the log: `2026-11-23 06:30 UTC`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_second(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{}", moment.strftime("%Y-%m-%d %H:%M UTC"))
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// The system clock, or a fixed clock that a test advances.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system clock.
    System,
    /// Stands still until [`Clock::advance`] moves it.
    Fixed(Arc<FixedClock>),
}

/// The state of a fixed clock.
#[derive(Debug, Default)]
pub struct FixedClock {
    now: AtomicI64,
    waits: Mutex<Vec<Duration>>,
}

impl Clock {
    /// A fixed clock that shows `start`.
    #[must_use]
    pub fn fixed(start: Timestamp) -> Self {
        Self::Fixed(Arc::new(FixedClock { now: AtomicI64::new(start.0), ..FixedClock::default() }))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the one place")]
                let now = SystemTime::now();
                let passed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(seconds(passed))
            }
            Self::Fixed(fixed) => Timestamp(fixed.now.load(Ordering::SeqCst)),
        }
    }

    /// Advances a fixed clock. Has no effect on the system clock.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(fixed) = self {
            fixed.now.fetch_add(seconds(by), Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock back. Has no effect on the system clock.
    pub fn set_back(&self, by: Duration) {
        if let Self::Fixed(fixed) = self {
            fixed.now.fetch_sub(seconds(by), Ordering::SeqCst);
        }
    }

    /// Waits until `at_least` has passed since `begun`. A fixed clock only records the request.
    pub async fn wait(&self, begun: Instant, at_least: Duration) {
        match self {
            Self::System => tokio::time::sleep_until((begun + at_least).into()).await,
            Self::Fixed(fixed) => {
                fixed.waits.lock().unwrap_or_else(PoisonError::into_inner).push(at_least);
            }
        }
    }

    /// The waits that a fixed clock has recorded since the last call.
    pub fn take_waits(&self) -> Vec<Duration> {
        match self {
            Self::System => Vec::new(),
            Self::Fixed(fixed) => {
                let mut waits = fixed.waits.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *waits)
            }
        }
    }
}

/// An exact duration for people: `30 minutes`, `1 day`, `90 minutes`.
#[must_use]
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let fits = |(size, _): &(u64, &str)| seconds >= *size && seconds.is_multiple_of(*size);
    let (size, name) = units.into_iter().find(fits).unwrap_or((1, "second"));
    let count = seconds / size;
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

/// A rough duration for people, in the largest unit that fits: `45 seconds`, `26 hours`, `3 days`.
#[must_use]
pub fn about(duration: Duration) -> String {
    in_words(rough(duration))
}

/// The duration without the smaller units that people do not ask for.
#[must_use]
pub fn rough(duration: Duration) -> Duration {
    let seconds = duration.as_secs();
    let unit = match seconds {
        0..120 => 1,
        120..7_200 => 60,
        7_200..172_800 => 3_600,
        172_800.. => 86_400,
    };
    Duration::from_secs(seconds / unit * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_counts_as_no_time_passed() {
        assert_eq!(Timestamp(10).since(Timestamp(20)), Duration::ZERO);
        assert_eq!(Timestamp(20).since(Timestamp(10)), Duration::from_secs(10));
    }

    #[test]
    fn a_time_from_before_the_clock_was_set_back_is_not_recent() {
        let minute = Duration::from_mins(1);
        for (at, is_recent) in [
            (940, false),
            (941, true),
            (1_000, true),
            (1_030, true),
            (1_031, false),
            (i64::MAX, false),
        ] {
            assert_eq!(Timestamp(at).is_within(minute, Timestamp(1_000)), is_recent, "{at}");
        }
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(Timestamp(100));
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), Timestamp(105));
    }

    #[test]
    fn durations_are_formatted_for_people() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (45, "45 seconds"),
            (60, "1 minute"),
            (61, "61 seconds"),
            (1_800, "30 minutes"),
            (3_600, "1 hour"),
            (5_400, "90 minutes"),
            (86_400, "1 day"),
            (604_800, "7 days"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn rough_durations_have_one_round_unit() {
        for (seconds, words) in [
            (1, "1 second"),
            (60, "1 minute"),
            (61, "61 seconds"),
            (121, "2 minutes"),
            (3_600, "1 hour"),
            (5_000, "83 minutes"),
            (7_201, "2 hours"),
            (86_461, "1 day"),
            (90_061, "25 hours"),
            (1_000_000, "11 days"),
        ] {
            assert_eq!(about(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn timestamps_are_formatted_for_people() {
        assert_eq!(Timestamp(1_795_415_400).to_string(), "2026-11-23 06:30 UTC");
        assert_eq!(Timestamp(1_795_415_401).to_rfc3339(), "2026-11-23T06:30:01Z");
    }
}
