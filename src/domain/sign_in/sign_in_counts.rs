//! How many people signed in, and how many attempts failed, day by day.

use crate::clock::Timestamp;
use crate::domain::audit_event::Outcome;

/// The seconds of a slot. The distances of all time zones from UTC are multiples of it, so a slot lies within one day for every reader.
/// The statement and the index that count the slots have it as a literal.
pub const SLOT: i64 = 900;

/// The sign-ins of 15 minutes with one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SignInSlot {
    /// Its number: seconds since 1970, divided by [`SLOT`].
    pub slot: i64,
    /// Whether they succeeded.
    pub outcome: Outcome,
    /// How many there were.
    pub count: i64,
}

/// The sign-ins of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInDay {
    /// When the day began.
    pub start: Timestamp,
    /// How many succeeded.
    pub succeeded: i64,
    /// How many failed.
    pub failed: i64,
}

impl SignInDay {
    /// How many there were, whatever their outcome.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.succeeded.saturating_add(self.failed)
    }
}

/// The sign-ins of the days between these midnights, which are in order. A day without sign-ins counts zero.
#[must_use]
pub fn by_day(slots: &[SignInSlot], midnights: &[Timestamp]) -> Vec<SignInDay> {
    let starts = midnights.split_last().map_or(&[][..], |(_, starts)| starts);
    let day = |start: &Timestamp| SignInDay { start: *start, succeeded: 0, failed: 0 };
    let mut days: Vec<SignInDay> = starts.iter().map(day).collect();
    let end = midnights.last();
    for SignInSlot { slot, outcome, count } in slots {
        let at = Timestamp(slot.saturating_mul(SLOT));
        let before = starts.partition_point(|start| *start <= at);
        let day = before.checked_sub(1).and_then(|number| days.get_mut(number));
        let Some(day) = day.filter(|_| end.is_some_and(|end| at < *end)) else { continue };
        match outcome {
            Outcome::Success => day.succeeded = day.succeeded.saturating_add(*count),
            Outcome::Refused => day.failed = day.failed.saturating_add(*count),
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sign_ins_belong_to_the_day_between_two_midnights() {
        // Midnights of a zone that is 5:45 ahead of UTC, with a day of 23 hours.
        let midnights = [0, 24, 47, 71].map(|hours| Timestamp(9_000_000 + hours * 3_600 + 900));
        let slot = |seconds: i64, outcome, count| {
            let slot = (9_000_900 + seconds).div_euclid(SLOT);
            SignInSlot { slot, outcome, count }
        };
        let slots = [
            slot(-900, Outcome::Success, 100),
            slot(0, Outcome::Success, 1),
            slot(24 * 3_600 - 1, Outcome::Success, 2),
            slot(24 * 3_600, Outcome::Refused, 3),
            slot(47 * 3_600 - 1, Outcome::Refused, 4),
            slot(71 * 3_600 - 1, Outcome::Success, 5),
            slot(71 * 3_600, Outcome::Success, 100),
        ];
        let days = by_day(&slots, &midnights);
        let counts: Vec<_> = days.iter().map(|day| (day.succeeded, day.failed)).collect();
        assert_eq!(counts, [(3, 0), (0, 7), (5, 0)]);
        assert_eq!(days[1].start, midnights[1]);
        assert_eq!(
            (days[1].total(), by_day(&slots, &[]), by_day(&[], &midnights).len()),
            (7, vec![], 3)
        );
    }

    proptest! {
        #[test]
        fn no_sign_in_between_the_midnights_is_lost(
            slots in prop::collection::vec((0..960_i64, any::<bool>(), 0..50_i64), 0..60),
            days in 1..10_i64,
        ) {
            let outcome = |failed| if failed { Outcome::Refused } else { Outcome::Success };
            let slots: Vec<SignInSlot> = slots
                .into_iter()
                .map(|(slot, failed, count)| SignInSlot { slot, outcome: outcome(failed), count })
                .collect();
            let midnights: Vec<Timestamp> = (0..=days).map(|day| Timestamp(day * 86_400)).collect();
            let counted: i64 = by_day(&slots, &midnights).iter().map(SignInDay::total).sum();
            let within = slots.iter().filter(|it| it.slot < days * 96).map(|it| it.count).sum::<i64>();
            prop_assert_eq!(counted, within);
        }
    }
}
