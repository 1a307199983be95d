//! Model tests: plays browsers, thieves, lost responses and restored backups against the decision table.
//!
//! The network may delay, reorder or lose requests and responses, but delivers none after the grace period. A request reads the row at one
//! moment and writes it at a later one, with the same compare-and-swap as the database.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

const AFTER: i64 = 600;
const GRACE: i64 = 60;
const ROTATION: Rotation =
    Rotation { after: Duration::from_mins(10), grace: Duration::from_mins(1) };

/// The row, and what the repository's statements do to it.
#[derive(Clone, Debug)]
struct Server {
    row: State,
    ended: bool,
}

/// The response to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    SignedIn { cookie: Option<i64> },
    Anonymous,
    Ended,
}

impl Answer {
    fn is_signed_in(self) -> bool {
        matches!(self, Self::SignedIn { .. })
    }
}

impl Server {
    fn new(now: i64) -> Self {
        let row = State { generation: 1, generation_at: Timestamp(now), confirmed_at: None };
        Self { row, ended: false }
    }

    /// One request that read the row as `seen`. After a lost race it reads the row again, as the service does.
    fn answer(&mut self, seen: &Self, presented: i64, now: i64, may_rotate: bool) -> Answer {
        let mut seen = seen.clone();
        loop {
            if seen.ended {
                return Answer::Ended;
            }
            match decide(seen.row, presented, Timestamp(now), may_rotate, ROTATION) {
                Decision::Newer => return Answer::Anonymous,
                Decision::Copied => {
                    self.ended = true;
                    return Answer::Ended;
                }
                Decision::Previous { resend } => {
                    return Answer::SignedIn { cookie: resend.then_some(seen.row.generation) };
                }
                Decision::Current { confirm, rotate } => {
                    let unchanged = !self.ended && self.row.generation == presented;
                    if rotate {
                        if !unchanged {
                            seen = self.clone();
                            continue;
                        }
                        self.row.generation += 1;
                        self.row.generation_at = Timestamp(now);
                        self.row.confirmed_at = None;
                        return Answer::SignedIn { cookie: Some(self.row.generation) };
                    }
                    if confirm && unchanged && self.row.confirmed_at.is_none() {
                        self.row.confirmed_at = Some(Timestamp(now));
                    }
                    return Answer::SignedIn { cookie: None };
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Time passes.
    Wait(i64),
    /// A tab sends a request with the current cookie of the browser.
    Send { may_rotate: bool },
    /// A request in flight reaches the server, which reads the row.
    Read(usize),
    /// A request that has read the row is decided and answered.
    Write(usize),
    /// A response reaches the browser.
    Receive(usize),
    /// A request or response is lost.
    Lose(usize),
    /// A backup is made.
    Backup,
    /// The backup replaces the database.
    Restore,
}

fn step(with_backups: bool) -> impl Strategy<Value = Step> {
    let any_index = 0..8_usize;
    prop_oneof![
        4 => prop_oneof![0..5_i64, 20..70_i64, 550..700_i64, 3_000..200_000_i64].prop_map(Step::Wait),
        6 => any::<bool>().prop_map(|may_rotate| Step::Send { may_rotate }),
        5 => any_index.clone().prop_map(Step::Read),
        5 => any_index.clone().prop_map(Step::Write),
        5 => any_index.clone().prop_map(Step::Receive),
        2 => any_index.prop_map(Step::Lose),
        u32::from(with_backups) => Just(Step::Backup),
        u32::from(with_backups) => Just(Step::Restore),
    ]
}

#[derive(Clone, Debug)]
struct InFlight {
    presented: i64,
    sent_at: i64,
    may_rotate: bool,
    seen: Option<Server>,
    answer: Option<Answer>,
}

/// A browser with any number of tabs and one cookie, and the server it talks to.
struct World {
    now: i64,
    server: Server,
    backup: Server,
    cookie: i64,
    flights: VecDeque<InFlight>,
}

impl World {
    fn new() -> Self {
        let server = Server::new(0);
        Self { now: 0, backup: server.clone(), server, cookie: 1, flights: VecDeque::new() }
    }

    /// The `n`th of the requests that `wanted` selects, counted in a circle.
    fn pick(&mut self, n: usize, wanted: fn(&InFlight) -> bool) -> Option<usize> {
        let found: Vec<usize> =
            (0..self.flights.len()).filter(|index| wanted(&self.flights[*index])).collect();
        (!found.is_empty()).then(|| found[n % found.len()])
    }

    /// Plays one step. Returns the server's response, if the step made one.
    fn play(&mut self, step: &Step) -> Option<Answer> {
        match *step {
            Step::Wait(seconds) => {
                self.now += seconds;
                // Nothing arrives after the grace period.
                let oldest = self.now - GRACE;
                self.flights.retain(|flight| flight.sent_at > oldest);
            }
            Step::Send { may_rotate } => self.flights.push_back(InFlight {
                presented: self.cookie,
                sent_at: self.now,
                may_rotate,
                seen: None,
                answer: None,
            }),
            Step::Read(n) => {
                let index = self.pick(n, |flight| flight.seen.is_none())?;
                self.flights[index].seen = Some(self.server.clone());
            }
            Step::Write(n) => {
                let index =
                    self.pick(n, |flight| flight.seen.is_some() && flight.answer.is_none())?;
                let flight = &mut self.flights[index];
                let seen = flight.seen.as_ref()?;
                let answer =
                    self.server.answer(seen, flight.presented, self.now, flight.may_rotate);
                flight.answer = Some(answer);
                return Some(answer);
            }
            Step::Receive(n) => {
                let index = self.pick(n, |flight| flight.answer.is_some())?;
                let flight = self.flights.remove(index)?;
                if let Some(Answer::SignedIn { cookie: Some(cookie) }) = flight.answer {
                    self.cookie = cookie;
                }
            }
            Step::Lose(n) => {
                let index = self.pick(n, |_| true)?;
                self.flights.remove(index);
            }
            Step::Backup => self.backup = self.server.clone(),
            Step::Restore => {
                // A restore includes a restart, which closes all connections.
                self.flights.clear();
                self.server = self.backup.clone();
            }
        }
        None
    }

    /// One request from sending to response, with nothing in between.
    fn visit(&mut self) -> Answer {
        let seen = self.server.clone();
        let answer = self.server.answer(&seen, self.cookie, self.now, true);
        if let Answer::SignedIn { cookie: Some(cookie) } = answer {
            self.cookie = cookie;
        }
        answer
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_shrink_iters: 5_000, ..Default::default() })]

    #[test]
    fn an_honest_browser_is_never_signed_out(steps in prop::collection::vec(step(false), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            if let Some(answer) = world.play(step) {
                prop_assert!(answer.is_signed_in(), "{answer:?} after {step:?}");
            }
        }
        prop_assert!(world.visit().is_signed_in());
    }

    #[test]
    fn a_restored_backup_raises_no_alarm(steps in prop::collection::vec(step(true), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            prop_assert_ne!(world.play(step), Some(Answer::Ended), "after {:?}", step);
        }
        prop_assert_ne!(world.visit(), Answer::Ended);
    }

    /// The thief copies the cookie at any moment and uses it later. In between, the owner gets a newer token.
    #[test]
    fn a_copy_used_after_the_grace_ends_the_session(
        before in prop::collection::vec(step(false), 0..60),
        between in prop::collection::vec(step(false), 0..60),
        late in GRACE..1_000_000_i64,
        may_rotate in any::<bool>(),
    ) {
        let mut world = World::new();
        for step in &before { world.play(step); }
        let copy = world.cookie;
        for step in &between { world.play(step); }
        // Within a few visits the owner's browser gets a newer token than the copy, and presents it.
        world.flights.clear();
        for _ in 0..4 {
            if world.cookie == copy || world.server.row.confirmed_at.is_none() {
                world.now += AFTER;
                prop_assert!(world.visit().is_signed_in());
            }
        }
        prop_assert!(world.cookie != copy && world.server.row.confirmed_at.is_some());
        world.now += late;
        let seen = world.server.clone();
        prop_assert_eq!(world.server.answer(&seen, copy, world.now, may_rotate), Answer::Ended);
        prop_assert_eq!(world.visit(), Answer::Ended, "for the owner too, who learns of the theft");
    }

    /// Thief and owner take turns, each for several visits. The session ends at the latest when the first of them comes back.
    /// With single visits in turn it might not: each would get the current token again, as after a lost response.
    #[test]
    fn thief_and_owner_do_not_share_a_session(
        before in prop::collection::vec(step(false), 0..60),
        pauses in prop::collection::vec(AFTER + GRACE..100_000_i64, 16),
        thief_first in any::<bool>(),
    ) {
        let mut world = World::new();
        for step in &before { world.play(step); }
        world.flights.clear();
        let mut cookies = [world.cookie, world.cookie];
        for (turn, pauses) in pauses.chunks(4).enumerate() {
            let who = usize::from(thief_first) ^ (turn % 2);
            for pause in pauses {
                world.now += pause;
                world.cookie = cookies[who];
                world.visit();
                cookies[who] = world.cookie;
            }
        }
        prop_assert!(world.server.ended);
    }
}
