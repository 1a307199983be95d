//! A bounded queue in which askers take turns, so that no asker delays the others, however many requests it sends.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Jobs of known askers in a row while strangers wait.
const KNOWN_IN_A_ROW: u32 = 3;

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// The owner of an account, or the server itself.
    Known,
    /// Anyone else.
    Stranger,
}

/// What became of a new job.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed<T> {
    /// It waits for its turn.
    Waits,
    /// It waits, and this other job lost its place.
    InsteadOf(T),
    /// The queue is full, and no asker has more than a fair share.
    Refused(T),
}

/// `K` is an asker (an account or a network of strangers), and `T` a job.
///
/// - Within a rank, askers take turns. Each asker's jobs run in the order in which they arrived.
/// - Known askers go first, but one of four jobs is a stranger's while strangers wait.
/// - In a full queue, known askers have three quarters of the places and strangers one quarter. An asker with less than its share
///   replaces the newest job of the asker with the most jobs.
#[derive(Debug)]
pub struct FairQueue<K, T> {
    bound: usize,
    known: Lane<K, T>,
    strangers: Lane<K, T>,
    known_in_a_row: u32,
}

impl<K: Copy + Eq + Hash, T> FairQueue<K, T> {
    /// An empty queue of at most `bound` jobs.
    pub fn new(bound: usize) -> Self {
        Self { bound, known: Lane::new(), strangers: Lane::new(), known_in_a_row: 0 }
    }

    /// The number of waiting jobs.
    pub fn len(&self) -> usize {
        self.known.len + self.strangers.len
    }

    /// Adds a job.
    pub fn push(&mut self, rank: Rank, asker: K, job: T) -> Pushed<T> {
        if self.len() < self.bound {
            self.lane(rank).push(asker, job);
            return Pushed::Waits;
        }
        let for_strangers = self.bound / 4;
        let share = match rank {
            Rank::Known => self.bound - for_strangers,
            Rank::Stranger => for_strangers,
        };
        let own = self.lane(rank);
        let makes_room = if own.len < share {
            self.lane(rank.other()).take_newest_of_heaviest(0)
        } else {
            let count = own.count(asker);
            own.take_newest_of_heaviest(count + 1)
        };
        match makes_room {
            Some(other) => {
                self.lane(rank).push(asker, job);
                Pushed::InsteadOf(other)
            }
            None => Pushed::Refused(job),
        }
    }

    /// The job whose turn it is.
    pub fn pop(&mut self) -> Option<T> {
        if self.strangers.len == 0 {
            self.known_in_a_row = 0;
            return self.known.pop();
        }
        if self.known.len > 0 && self.known_in_a_row < KNOWN_IN_A_ROW {
            self.known_in_a_row += 1;
            return self.known.pop();
        }
        self.known_in_a_row = 0;
        self.strangers.pop()
    }

    fn lane(&mut self, rank: Rank) -> &mut Lane<K, T> {
        match rank {
            Rank::Known => &mut self.known,
            Rank::Stranger => &mut self.strangers,
        }
    }
}

impl Rank {
    fn other(self) -> Self {
        match self {
            Self::Known => Self::Stranger,
            Self::Stranger => Self::Known,
        }
    }
}

/// The jobs of one rank.
#[derive(Debug)]
struct Lane<K, T> {
    len: usize,
    /// Every asker with a job, in the order of their turns.
    turns: VecDeque<K>,
    /// Never an empty list.
    waiting: HashMap<K, VecDeque<T>>,
}

impl<K: Copy + Eq + Hash, T> Lane<K, T> {
    fn new() -> Self {
        Self { len: 0, turns: VecDeque::new(), waiting: HashMap::new() }
    }

    fn count(&self, asker: K) -> usize {
        self.waiting.get(&asker).map_or(0, VecDeque::len)
    }

    fn push(&mut self, asker: K, job: T) {
        let jobs = self.waiting.entry(asker).or_default();
        if jobs.is_empty() {
            self.turns.push_back(asker);
        }
        jobs.push_back(job);
        self.len += 1;
    }

    fn pop(&mut self) -> Option<T> {
        let asker = self.turns.pop_front()?;
        let jobs = self.waiting.get_mut(&asker)?;
        let job = jobs.pop_front();
        if jobs.is_empty() {
            self.waiting.remove(&asker);
        } else {
            self.turns.push_back(asker);
        }
        self.len -= usize::from(job.is_some());
        job
    }

    /// Removes the newest job of the asker with the most jobs, if it has more than `least`.
    fn take_newest_of_heaviest(&mut self, least: usize) -> Option<T> {
        let (asker, jobs) = self.waiting.iter_mut().max_by_key(|(_, jobs)| jobs.len())?;
        if jobs.len() <= least {
            return None;
        }
        let (asker, job) = (*asker, jobs.pop_back());
        if jobs.is_empty() {
            self.waiting.remove(&asker);
            self.turns.retain(|it| *it != asker);
        }
        self.len -= usize::from(job.is_some());
        job
    }
}

#[cfg(test)]
mod tests {
    use super::Rank::{Known, Stranger};
    use super::*;
    use proptest::prelude::*;

    type Queue = FairQueue<u8, (Rank, u8, usize)>;

    fn filled(bound: usize, jobs: impl IntoIterator<Item = (Rank, u8)>) -> Queue {
        let mut queue = Queue::new(bound);
        for (n, (rank, network)) in jobs.into_iter().enumerate() {
            queue.push(rank, network, (rank, network, n));
        }
        queue
    }

    fn drained(mut queue: Queue) -> Vec<(Rank, u8, usize)> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn networks_take_turns() {
        let jobs = [(Stranger, 1), (Stranger, 1), (Stranger, 1), (Stranger, 2), (Stranger, 3)];
        let order: Vec<usize> = drained(filled(9, jobs)).into_iter().map(|it| it.2).collect();
        assert_eq!(order, [0, 3, 4, 1, 2]);
    }

    #[test]
    fn known_browsers_get_three_of_four_turns_while_both_wait() {
        let jobs = [[(Stranger, 1); 3].as_slice(), &[(Known, 1); 7]].concat();
        let order: Vec<Rank> = drained(filled(20, jobs)).into_iter().map(|it| it.0).collect();
        let expected =
            [Known, Known, Known, Stranger, Known, Known, Known, Stranger, Known, Stranger];
        assert_eq!(order, expected);
    }

    #[test]
    fn a_full_queue_drops_a_job_of_the_heaviest_network() {
        let mut queue = filled(4, [(Stranger, 1); 4]);
        let job = |network, n| (Stranger, network, n);
        assert_eq!(queue.push(Stranger, 1, job(1, 4)), Pushed::Refused(job(1, 4)));
        assert_eq!(queue.push(Stranger, 2, job(2, 5)), Pushed::InsteadOf(job(1, 3)));
        assert_eq!(queue.push(Stranger, 2, job(2, 6)), Pushed::InsteadOf(job(1, 2)));
        assert_eq!(queue.push(Stranger, 2, job(2, 7)), Pushed::Refused(job(2, 7)));
        assert!(queue.push(Stranger, 3, job(3, 8)).is_instead());
        assert_eq!(queue.len(), 4);
    }

    #[test]
    fn strangers_from_a_thousand_networks_do_not_block_the_owner() {
        let mut queue = FairQueue::<u16, (Rank, u16)>::new(64);
        for network in 0..1_000 {
            queue.push(Stranger, network, (Stranger, network));
        }
        assert!(queue.push(Known, 7, (Known, 7)).is_instead());
        assert_eq!(queue.pop(), Some((Known, 7)));
        // Nor do known askers keep all strangers out.
        for network in 0..1_000 {
            queue.push(Known, network, (Known, network));
        }
        assert_eq!((queue.known.len, queue.strangers.len), (48, 16));
        assert!(matches!(queue.push(Known, 1_001, (Known, 1_001)), Pushed::Refused(_)));
    }

    impl<T> Pushed<T> {
        fn is_instead(&self) -> bool {
            matches!(self, Self::InsteadOf(_))
        }
    }

    fn rank() -> impl Strategy<Value = Rank> {
        prop_oneof![Just(Known), Just(Stranger)]
    }

    proptest! {
        #[test]
        fn no_job_is_lost_and_the_bound_holds(
            bound in 1..12_usize,
            steps in prop::collection::vec(prop_oneof![
                3 => (rank(), 0..6_u8).prop_map(Some),
                1 => Just(None),
            ], 0..200),
        ) {
            let mut queue = Queue::new(bound);
            let (mut pushed, mut out) = (0, 0);
            for (n, step) in steps.into_iter().enumerate() {
                match step {
                    Some((rank, network)) => {
                        pushed += 1;
                        match queue.push(rank, network, (rank, network, n)) {
                            Pushed::Waits => {}
                            Pushed::InsteadOf(_) | Pushed::Refused(_) => {
                                prop_assert_eq!(queue.len(), bound);
                                out += 1;
                            }
                        }
                    }
                    None => out += usize::from(queue.pop().is_some()),
                }
                prop_assert!(queue.len() <= bound);
            }
            prop_assert_eq!(drained(queue).len(), pushed - out);
        }

        #[test]
        fn a_network_with_one_job_waits_for_one_turn_of_each_other(
            others in prop::collection::vec(0..20_u8, 0..100),
            later in prop::collection::vec(0..20_u8, 0..100),
        ) {
            let networks = others.iter().chain(&later).collect::<std::collections::HashSet<_>>().len();
            let mut queue = filled(1_000, others.into_iter().map(|network| (Stranger, network)));
            queue.push(Stranger, 99, (Stranger, 99, 0));
            for network in later {
                queue.push(Stranger, network, (Stranger, network, 0));
            }
            let place = drained(queue).into_iter().position(|it| it.1 == 99);
            prop_assert!(place.is_some_and(|place| place <= networks));
        }

        #[test]
        fn one_of_any_four_jobs_is_a_strangers(known in 4..40_usize, strangers in 4..40_usize) {
            let jobs = vec![(Known, 1); known].into_iter().chain(vec![(Stranger, 2); strangers]);
            let order = drained(filled(100, jobs));
            for four in order.windows(4).take(4 * strangers - 4) {
                prop_assert!(four.iter().any(|it| it.0 == Stranger));
            }
            prop_assert_eq!(order[0].0, Known);
        }

        #[test]
        fn in_a_full_queue_more_requests_do_not_give_a_network_more_turns(
            bound in 8..40_usize,
            asked in prop::collection::vec(0..4_u8, 0..300),
        ) {
            // Four networks with enough requests get equal shares, however many requests one of them sends.
            let all = asked.into_iter().chain((0..4).cycle().take(4 * bound));
            let queue = filled(bound, all.map(|network| (Stranger, network)));
            for network in 0..4 {
                let count = queue.strangers.count(network);
                prop_assert!(count >= bound / 4 && count <= bound.div_ceil(4), "{count} of {bound}");
            }
        }
    }
}
