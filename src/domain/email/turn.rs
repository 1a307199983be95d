//! Whose email is sent next, where strangers ask for more than the installation may send: rounds in which everyone gets one.
//!
//! Each email belongs to a flow: the network of whoever caused it, or the account that it tells something. Of each flow one email is
//! sent a round, so that a flood from one network delays its own emails and hardly those of others. In a round, what tells an owner
//! of an intruder goes first. New emails come after the round that is being sent, which therefore ends: no email waits for ever.

/// The turn of a new email. `present`: the lowest turn that waits. `last`: the highest that waits of the same flow.
#[must_use]
pub fn next(present: Option<i64>, last: Option<i64>, is_notice: bool) -> i64 {
    let round_after = |turn: Option<i64>| turn.map_or(0, |turn| turn.div_euclid(2) + 1);
    2 * round_after(present).max(round_after(last)) + i64::from(!is_notice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_flow_waits_for_itself_and_notices_go_first() {
        assert_eq!(next(None, None, false), 1);
        assert_eq!(next(None, None, true), 0);
        assert_eq!(next(Some(1), Some(1), false), 3);
        assert_eq!(next(Some(1), Some(9), false), 11);
        assert_eq!(next(Some(7), None, false), 9);
        assert_eq!(next(Some(7), None, true), 8);
    }

    proptest! {
        /// However much others flood, a first email waits for at most two of each of them.
        #[test]
        fn a_flood_delays_nobody_else(
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
        fn no_email_is_overtaken_for_ever(
            flows in prop::collection::vec(0..40_usize, 50..300),
        ) {
            // One waits in a far round; every moment another comes and one is sent.
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
