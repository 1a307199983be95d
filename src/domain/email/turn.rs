//! The order of emails when strangers trigger more than `EMAILS_PER_MINUTE` allows: rounds with one email of each flow.
//!
//! A flow is the network that triggers emails, or the account that they warn. A flood from one network therefore mostly delays its own
//! emails. In each round, warnings to owners go first. New emails come after the round that is being sent, so every round ends and every
//! email is sent.

/// The turn of a new email. `present` is the lowest waiting turn, `last` the highest waiting turn of the same flow.
#[must_use]
pub fn next(present: Option<i64>, last: Option<i64>, is_warning: bool) -> i64 {
    let round_after = |turn: Option<i64>| turn.map_or(0, |turn| turn.div_euclid(2) + 1);
    2 * round_after(present).max(round_after(last)) + i64::from(!is_warning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_flow_waits_for_its_own_emails_and_warnings_come_first() {
        assert_eq!(next(None, None, false), 1);
        assert_eq!(next(None, None, true), 0);
        assert_eq!(next(Some(1), Some(1), false), 3);
        assert_eq!(next(Some(1), Some(9), false), 11);
        assert_eq!(next(Some(7), None, false), 9);
        assert_eq!(next(Some(7), None, true), 8);
    }

    proptest! {
        /// However many emails other flows have, the first of a new flow waits for at most two of each.
        #[test]
        fn a_flood_delays_other_flows_only_slightly(
            flood in prop::collection::vec(0..5_usize, 1..300),
            sent_meanwhile in 0..300_usize,
        ) {
            let mut waiting = Vec::<(i64, usize, usize)>::new(); // turn, order, flow
            let put = |waiting: &mut Vec<(i64, usize, usize)>, order, flow| {
                let present = waiting.iter().map(|it| it.0).min();
                let last = waiting.iter().filter(|it| it.2 == flow).map(|it| it.0).max();
                waiting.push((next(present, last, false), order, flow));
                waiting.sort_unstable();
            };
            for (order, flow) in flood.iter().enumerate() {
                put(&mut waiting, order, *flow);
            }
            waiting.drain(..sent_meanwhile.min(waiting.len()));
            put(&mut waiting, usize::MAX, 99);
            let place = waiting.iter().position(|it| it.2 == 99).unwrap();
            prop_assert!(place <= 10, "{place}");
        }

        #[test]
        fn every_email_is_eventually_sent(
            flows in prop::collection::vec(0..40_usize, 50..300),
        ) {
            // Some emails of one flow wait in later rounds, while others keep coming and one is sent for each.
            let mut waiting: Vec<(i64, usize, usize)> = (0..10).map(|n| (2 * n + 1, 0, 50)).collect();
            let mut sent = 0;
            for (order, flow) in flows.into_iter().cycle().take(2_000).enumerate() {
                let present = waiting.iter().map(|it| it.0).min();
                let last = waiting.iter().filter(|it| it.2 == flow).map(|it| it.0).max();
                waiting.push((next(present, last, false), order + 1, flow));
                waiting.sort_unstable();
                sent += usize::from(waiting.remove(0).2 == 50);
            }
            prop_assert_eq!(sent, 10);
        }
    }
}
