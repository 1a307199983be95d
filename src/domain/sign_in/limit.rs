//! Rate limits as pure functions (ASVS 6.3.1, 2.4.1).

use std::time::Duration;

use crate::clock::Timestamp;

/// A rate limit.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// `free` tries, then a wait before each further try. The wait doubles from `first` up to `longest`. The count is reset after `forget`
    /// without a try.
    Growing {
        /// Tries without a wait.
        free: i64,
        /// The first wait.
        first: Duration,
        /// The longest wait.
        longest: Duration,
        /// How long the count is kept after the last try.
        forget: Duration,
    },
    /// `limit` tries in each window of `per`, which starts with the first try.
    Window {
        /// Tries in each window.
        limit: i64,
        /// The length of the window.
        per: Duration,
    },
}

/// The stored count of one account, network or other subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// Tries so far.
    pub count: i64,
    /// The last try (growing) or the start of the window.
    pub since: Timestamp,
    /// No further try before this moment.
    pub blocked_until: Timestamp,
}

/// The longest time between two reset emails to one account.
const RESET_SPACING: Duration = Duration::from_mins(10);

/// The time between two reset emails to one account: at most half of a link's lifetime. So its owner always either has a link that works
/// for a while, or can get one.
#[must_use]
pub fn reset_spacing(link_lifetime: Duration) -> Duration {
    RESET_SPACING.min(link_lifetime / 2)
}

impl Limit {
    /// The limit for a network with this percentage of the allowance. Waits stay the same.
    #[must_use]
    pub fn shared(self, percent: i64) -> Self {
        let share = |number: i64| number.saturating_mul(percent) / 100;
        match self {
            Self::Growing { free, first, longest, forget } => {
                Self::Growing { free: share(free), first, longest, forget }
            }
            Self::Window { limit, per } => Self::Window { limit: share(limit), per },
        }
    }

    /// Counts one more try at `now`. Returns the new count, or how long to wait. No wait exceeds the limit's longest, even after the clock
    /// was set back.
    pub fn count(self, before: Option<Count>, now: Timestamp) -> Result<Count, Duration> {
        let is_ahead = |it: &Count| it.since.is_ahead_of(now);
        match self {
            Self::Growing { free, first, longest, forget } => {
                let kept = before.filter(|it| now < it.since.max(it.blocked_until).after(forget));
                // Tries in the future count, but their wait does not. If another instance's clock is only slightly ahead, the wait starts
                // now.
                let until = kept.filter(|it| !is_ahead(it)).map(|it| {
                    let pause = it.blocked_until.since(it.since).min(longest);
                    it.since.min(now).after(pause)
                });
                if let Some(wait) = until.and_then(|until| wait(until, now)) {
                    return Err(wait);
                }
                let count = kept.map_or(0, |it| it.count).saturating_add(1);
                let blocked_until = match u32::try_from(count - free) {
                    Ok(over) => {
                        let doubled = first.saturating_mul(2_u32.saturating_pow(over.min(31)));
                        now.after(doubled.min(longest))
                    }
                    Err(_) => now,
                };
                Ok(Count { count, since: now, blocked_until })
            }
            Self::Window { limit, per } => {
                let kept = before.filter(|it| !is_ahead(it) && now < it.since.after(per));
                let Some(kept) = kept else {
                    return Ok(Count { count: 1, since: now, blocked_until: now });
                };
                if kept.count >= limit {
                    let wait = kept.since.after(per).since(now);
                    return Err(wait.clamp(Duration::from_secs(1), per));
                }
                Ok(Count { count: kept.count + 1, ..kept })
            }
        }
    }

    /// How many tries still count at `now`.
    #[must_use]
    pub fn tries(self, before: Option<Count>, now: Timestamp) -> i64 {
        let is_ahead = |it: &Count| it.since.is_ahead_of(now);
        let kept = before.filter(|it| !is_ahead(it) && now < self.forgotten_at(*it));
        kept.map_or(0, |it| it.count)
    }

    /// When the count expires.
    #[must_use]
    pub fn forgotten_at(self, count: Count) -> Timestamp {
        match self {
            Self::Growing { forget, .. } => count.since.max(count.blocked_until).after(forget),
            Self::Window { per, .. } => count.since.after(per),
        }
    }
}

fn wait(until: Timestamp, now: Timestamp) -> Option<Duration> {
    let wait = until.since(now);
    (!wait.is_zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::DRIFT;
    use proptest::prelude::*;

    const GROWING: Limit = Limit::Growing {
        free: 3,
        first: Duration::from_secs(2),
        longest: Duration::from_mins(1),
        forget: Duration::from_hours(1),
    };
    const WINDOW: Limit = Limit::Window { limit: 3, per: Duration::from_secs(100) };

    /// Makes a try at each of these moments. Each result is `Ok` or the seconds to wait.
    fn play(rule: Limit, moments: &[i64]) -> Vec<Result<(), u64>> {
        let mut count = None;
        let mut results = Vec::new();
        for moment in moments {
            results.push(match rule.count(count, Timestamp(*moment)) {
                Ok(next) => {
                    count = Some(next);
                    Ok(())
                }
                Err(wait) => Err(wait.as_secs()),
            });
        }
        results
    }

    #[test]
    fn waits_grow_after_the_free_tries_and_expire() {
        assert_eq!(play(GROWING, &[0, 0, 0, 0]), [Ok(()), Ok(()), Ok(()), Err(2)]);
        assert_eq!(
            play(GROWING, &[0, 0, 0, 1, 2, 3, 6, 13]),
            [Ok(()), Ok(()), Ok(()), Err(1), Ok(()), Err(3), Ok(()), Err(1),]
        );
        let patient: Vec<i64> = (0..20).map(|n| n * 60).collect();
        assert!(play(GROWING, &patient).iter().all(Result::is_ok), "the wait has a maximum");
        assert_eq!(play(GROWING, &[0, 0, 0, 3_700, 3_700, 3_700, 3_700])[5..], [Ok(()), Err(2)]);
    }

    #[test]
    fn each_window_allows_the_limit() {
        assert_eq!(
            play(WINDOW, &[0, 50, 99, 99, 100, 101, 102, 103]),
            [Ok(()), Ok(()), Ok(()), Err(1), Ok(()), Ok(()), Ok(()), Err(97),]
        );
    }

    #[test]
    fn after_the_clock_was_set_back_windows_start_again_and_growing_counts_stay() {
        assert_eq!(play(WINDOW, &[1_000_000, 1_000_000, 1_000_000, 5]), [Ok(()); 4]);
        let tries = [1_000_000, 1_000_000, 1_000_000, 1_000_002, 5, 5];
        assert_eq!(play(GROWING, &tries)[3..], [Ok(()), Ok(()), Err(8)]);
        // Instances whose clocks differ a little share one count.
        assert_eq!(play(WINDOW, &[20, 0, 20, 0]), [Ok(()), Ok(()), Ok(()), Err(100)]);
        assert_eq!(play(GROWING, &[20, 0, 20, 0]), [Ok(()), Ok(()), Ok(()), Err(2)]);
    }

    #[test]
    fn wider_networks_have_a_larger_allowance() {
        let Limit::Growing { free, .. } = GROWING.shared(125) else { panic!() };
        let Limit::Window { limit, .. } = WINDOW.shared(400) else { panic!() };
        assert_eq!((free, limit), (3, 12));
    }

    #[test]
    fn reset_emails_are_spaced_by_10_minutes_or_half_of_a_links_lifetime() {
        for (lives, minutes) in [(30, 10), (20, 10), (10, 5), (2, 1), (1_440, 10)] {
            assert_eq!(reset_spacing(Duration::from_mins(lives)), Duration::from_mins(minutes));
        }
    }

    proptest! {
        #[test]
        fn no_more_than_the_limit_in_any_window(mut moments in prop::collection::vec(0..2_000_i64, 1..200)) {
            moments.sort_unstable();
            let results = play(WINDOW, &moments);
            let passed: Vec<i64> =
                moments.iter().zip(&results).filter(|(_, it)| it.is_ok()).map(|(at, _)| *at).collect();
            // Windows don't slide: across the border of two windows, up to twice the limit is possible.
            for start in &passed {
                prop_assert!(passed.iter().filter(|at| (*start..start + 100).contains(at)).count() <= 6);
            }
        }

        #[test]
        fn a_time_in_the_future_never_blocks_longer_than_the_longest_wait(
            rule in prop::sample::select(vec![GROWING, WINDOW]),
            count in 0..50_i64,
            (since, pause) in (-200..100_000_i64, 0..100_000_i64),
            asked in prop::collection::vec(1..20_i64, 1..50),
        ) {
            let longest = match rule {
                Limit::Growing { longest, .. } => longest,
                Limit::Window { per, .. } => per,
            };
            let before = Some(Count {
                count,
                since: Timestamp(since),
                blocked_until: Timestamp(since.saturating_add(pause)),
            });
            let mut now = 0;
            for step in asked {
                let Err(wait) = rule.count(before, Timestamp(now)) else { break };
                prop_assert!(wait <= longest);
                prop_assert!(now <= i64::try_from((longest + DRIFT).as_secs()).unwrap());
                now += step;
            }
        }

        /// After a request, an owner always has a link that works for at least a link's lifetime minus the spacing, whatever strangers
        /// request.
        #[test]
        fn strangers_cannot_keep_an_owner_from_a_reset_link_that_works(
            lives in 60..90_000_u64,
            strangers in prop::collection::vec(0..4_000_i64, 0..60),
            asks in 0..200_000_i64,
        ) {
            let lives = Duration::from_secs(lives);
            let spacing = reset_spacing(lives);
            let rule = Limit::Window { limit: 1, per: spacing };
            let (mut at, mut count, mut sent) = (0, None, None);
            let mut ask = |at: i64, sent: &mut Option<i64>| {
                if let Ok(next) = rule.count(count, Timestamp(at)) {
                    count = Some(next);
                    *sent = Some(at);
                }
            };
            for pause in strangers {
                at += pause;
                if at <= asks {
                    ask(at, &mut sent);
                }
            }
            ask(asks, &mut sent);
            let still_works = sent.unwrap() + i64::try_from(lives.as_secs()).unwrap() - asks;
            let least = lives.checked_sub(spacing).unwrap();
            prop_assert!(still_works >= i64::try_from(least.as_secs()).unwrap());
        }

        #[test]
        fn a_try_after_the_wait_is_allowed(moments in prop::collection::vec(0..50_i64, 1..60)) {
            let (mut now, mut count) = (0, None);
            for pause in moments {
                now += pause;
                if let Err(wait) = GROWING.count(count, Timestamp(now)) {
                    now += i64::try_from(wait.as_secs()).unwrap();
                }
                let next = GROWING.count(count, Timestamp(now));
                prop_assert!(next.is_ok());
                count = next.ok();
            }
        }
    }
}
