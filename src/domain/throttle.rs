//! Throttles as pure functions: how often something may be tried (ASVS 6.3.1, 2.4.1).

use std::time::Duration;

use crate::clock::Timestamp;

/// A limit.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// `free` tries, then a pause before each further one that doubles from `first` up to `longest`.
    /// Forgotten after `forget` without a try.
    Growing {
        /// Tries without a pause.
        free: i64,
        /// The first pause.
        first: Duration,
        /// The longest pause.
        longest: Duration,
        /// How long the count is kept after the last try.
        forget: Duration,
    },
    /// `limit` times in each window of `per`, which begins with the first of them.
    Window {
        /// How many times.
        limit: i64,
        /// How long the window is.
        per: Duration,
    },
}

/// What is remembered of one throttled thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Count {
    /// Tries so far.
    pub count: i64,
    /// The last try (growing) or the window's beginning.
    pub since: Timestamp,
    /// No further try before this moment.
    pub blocked_until: Timestamp,
}

impl Rule {
    /// Counts one more try at `now`: what to remember from now on, or how long to wait.
    pub fn count(self, before: Option<Count>, now: Timestamp) -> Result<Count, Duration> {
        match self {
            Self::Growing { free, first, longest, forget } => {
                let kept = before.filter(|it| now < it.since.max(it.blocked_until).after(forget));
                if let Some(wait) = kept.and_then(|it| wait(it.blocked_until, now)) {
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
                // A window that seems to begin in the future was counted before the clock was set back.
                let kept = before.filter(|it| it.since <= now && now < it.since.after(per));
                let Some(kept) = kept else {
                    return Ok(Count { count: 1, since: now, blocked_until: now });
                };
                if kept.count >= limit {
                    return Err(kept.since.after(per).since(now).max(Duration::from_secs(1)));
                }
                Ok(Count { count: kept.count + 1, ..kept })
            }
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
    use proptest::prelude::*;

    const GROWING: Rule = Rule::Growing {
        free: 3,
        first: Duration::from_secs(2),
        longest: Duration::from_mins(1),
        forget: Duration::from_hours(1),
    };
    const WINDOW: Rule = Rule::Window { limit: 3, per: Duration::from_secs(100) };

    /// Tries at each of these moments; the answers are `Ok` or the seconds to wait.
    fn play(rule: Rule, moments: &[i64]) -> Vec<Result<(), u64>> {
        let mut count = None;
        let mut answers = Vec::new();
        for moment in moments {
            answers.push(match rule.count(count, Timestamp(*moment)) {
                Ok(next) => {
                    count = Some(next);
                    Ok(())
                }
                Err(wait) => Err(wait.as_secs()),
            });
        }
        answers
    }

    #[test]
    fn pauses_grow_after_the_free_tries_and_are_forgotten() {
        assert_eq!(play(GROWING, &[0, 0, 0, 0]), [Ok(()), Ok(()), Ok(()), Err(2)]);
        assert_eq!(
            play(GROWING, &[0, 0, 0, 1, 2, 3, 6, 13]),
            [Ok(()), Ok(()), Ok(()), Err(1), Ok(()), Err(3), Ok(()), Err(1),]
        );
        let patient: Vec<i64> = (0..20).map(|n| n * 60).collect();
        assert!(play(GROWING, &patient).iter().all(Result::is_ok), "the pause has a longest");
        assert_eq!(play(GROWING, &[0, 0, 0, 3_700, 3_700, 3_700, 3_700])[5..], [Ok(()), Err(2)]);
    }

    #[test]
    fn windows_allow_so_many_each() {
        assert_eq!(
            play(WINDOW, &[0, 50, 99, 99, 100, 101, 102, 103]),
            [Ok(()), Ok(()), Ok(()), Err(1), Ok(()), Ok(()), Ok(()), Err(97),]
        );
    }

    #[test]
    fn a_clock_set_back_does_not_lock_a_window_for_long() {
        assert_eq!(play(WINDOW, &[1_000_000, 1_000_000, 1_000_000, 5]), [Ok(()); 4]);
    }

    proptest! {
        #[test]
        fn no_more_than_the_limit_in_any_window(mut moments in prop::collection::vec(0..2_000_i64, 1..200)) {
            moments.sort_unstable();
            let answers = play(WINDOW, &moments);
            let passed: Vec<i64> =
                moments.iter().zip(&answers).filter(|(_, it)| it.is_ok()).map(|(at, _)| *at).collect();
            // Windows do not slide: up to twice the limit may meet at the border of two.
            for start in &passed {
                prop_assert!(passed.iter().filter(|at| (*start..start + 100).contains(at)).count() <= 6);
            }
        }

        #[test]
        fn whoever_waits_as_told_gets_in(moments in prop::collection::vec(0..50_i64, 1..60)) {
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
