//! The threads that hash passwords, and the queue in front of them.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use argon2::Params;
use tokio::sync::oneshot;

use super::asker::{Asker, AskerTurn};
use super::hashing::Memory;
use super::lock::lock;
use super::queue::{FairQueue, Pushed};
use crate::error::{Error, Result};

/// The threads. They end when the last clone is dropped.
#[derive(Clone)]
pub struct Pool(Arc<Entrance>);

struct Entrance(Arc<Waiting>);

/// Shared by the threads and all clones of a [`Pool`].
struct Waiting {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    jobs: FairQueue<AskerTurn, Job>,
    is_closed: bool,
}

/// Work for a thread. A job that lost its place in the queue is called without memory.
type Job = Box<dyn FnOnce(Option<&mut Memory>) + Send>;

impl Drop for Entrance {
    fn drop(&mut self) {
        lock(&self.0.state).is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Pool {
    /// Starts `workers` threads with memory for hashes of these parameters. At most `queue` jobs wait.
    pub fn start(workers: usize, queue: usize, params: &Params) -> Result<Self> {
        let state = State { jobs: FairQueue::new(queue), is_closed: false };
        let waiting = Arc::new(Waiting { state: Mutex::new(state), changed: Condvar::new() });
        let pool = Self(Arc::new(Entrance(Arc::clone(&waiting))));
        for number in 0..workers {
            let (waiting, memory) = (Arc::clone(&waiting), Memory::new(params));
            thread::Builder::new()
                .name(format!("hasher-{number}"))
                .spawn(move || run_jobs(&waiting, memory))
                .map_err(Error::io("starting the hashing threads"))?;
        }
        Ok(pool)
    }

    /// Runs `work` on a thread when it is the asker's turn.
    pub async fn run<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Skip the work if the client has gone.
            if !answer.is_closed() {
                let _ = answer.send(memory.map(work));
            }
        });
        let Waiting { state, changed } = &*self.0.0;
        let without_place = match lock(state).jobs.push(asker.rank, asker.turn, job) {
            Pushed::Waits => None,
            Pushed::InsteadOf(job) | Pushed::Refused(job) => Some(job),
        };
        changed.notify_one();
        if let Some(job) = without_place {
            job(None);
        }
        let answer =
            answered.await.map_err(|_| Error::Hash("a hashing thread broke off".into()))?;
        answer.ok_or(Error::HashQueueFull)
    }
}

fn run_jobs(waiting: &Waiting, mut memory: Memory) {
    while let Some(job) = next(waiting) {
        // A panicking job must not end the thread.
        if panic::catch_unwind(AssertUnwindSafe(|| job(Some(&mut memory)))).is_err() {
            tracing::error!("a hashing job panicked");
        }
        memory.shrink();
    }
}

/// Waits for a job. `None` once the pool is closed.
fn next(waiting: &Waiting) -> Option<Job> {
    let mut state = lock(&waiting.state);
    loop {
        if let Some(job) = state.jobs.pop() {
            return Some(job);
        }
        if state.is_closed {
            return None;
        }
        state = waiting.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::UserId;
    use crate::domain::source::Source;

    fn pool(workers: usize, queue: usize) -> Pool {
        Pool::start(workers, queue, &Params::new(8, 1, 1, None).unwrap()).unwrap()
    }

    fn stranger(address: &str) -> Asker {
        Asker::stranger(&Source::new(address.parse().unwrap(), "", String::new()))
    }

    fn account(n: u128) -> Asker {
        Asker::known(UserId(uuid::Uuid::from_u128(n)))
    }

    /// Queues a job behind the earlier ones.
    async fn queue(
        pool: &Pool,
        asker: Asker,
        done: &Arc<Mutex<Vec<u8>>>,
        n: u8,
    ) -> tokio::task::JoinHandle<Result<()>> {
        let (pool, done) = (pool.clone(), Arc::clone(done));
        let job = tokio::spawn(async move { pool.run(asker, move |_| lock(&done).push(n)).await });
        tokio::task::yield_now().await;
        job
    }

    /// Keeps the only thread busy until a message arrives.
    async fn keep_busy(
        pool: &Pool,
    ) -> (tokio::task::JoinHandle<Result<()>>, std::sync::mpsc::Sender<()>) {
        let (go_on, told) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let pool = pool.clone();
        let busy = tokio::spawn(async move {
            let work = move |_: &mut Memory| {
                let _ = begun.send(());
                let _ = told.recv();
            };
            pool.run(Asker::server(), work).await
        });
        begins.await.unwrap();
        (busy, go_on)
    }

    #[tokio::test]
    async fn accounts_in_many_known_browsers_do_not_block_the_owner_of_another() {
        let pool = pool(1, 16);
        let done = Arc::default();
        let (busy, go_on) = keep_busy(&pool).await;
        let mut flood = Vec::new();
        for n in 0..24 {
            flood.push(queue(&pool, account(1 + u128::from(n) % 2), &done, n).await);
        }
        let mut owners = Vec::new();
        for n in 100..105 {
            owners.push(queue(&pool, account(n), &done, u8::try_from(n).unwrap()).await);
        }
        go_on.send(()).unwrap();
        busy.await.unwrap().unwrap();
        for owner in owners {
            owner.await.unwrap().unwrap();
        }
        for one in flood {
            assert!(matches!(one.await.unwrap(), Ok(()) | Err(Error::HashQueueFull)));
        }
        let order = lock(&done).clone();
        let last = order.iter().rposition(|n| *n >= 100).unwrap();
        assert!(last < 7, "each account has one turn: {order:?}");
    }

    #[tokio::test]
    async fn a_flood_from_one_network_neither_delays_nor_blocks_another() {
        let pool = pool(1, 4);
        let done = Arc::default();
        let (busy, go_on) = keep_busy(&pool).await;
        let mut flood = Vec::new();
        for n in 0..6 {
            let address = format!("2001:db8:1:{n}::1"); // one /48
            flood.push(queue(&pool, stranger(&address), &done, n).await);
        }
        let other = queue(&pool, stranger("192.0.2.7"), &done, 10).await;
        let owner = queue(&pool, account(9), &done, 20).await;
        go_on.send(()).unwrap();
        busy.await.unwrap().unwrap();
        other.await.unwrap().unwrap();
        owner.await.unwrap().unwrap();
        let mut refused = Vec::new();
        for (n, one) in flood.into_iter().enumerate() {
            match one.await.unwrap() {
                Ok(()) => {}
                Err(Error::HashQueueFull) => refused.push(n),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(refused, [2, 3, 4, 5], "two had no place, and two made room");
        assert_eq!(*lock(&done), [20, 0, 10, 1]);
    }

    #[tokio::test]
    async fn threads_stop_with_the_last_clone() {
        let pool = pool(2, 8);
        let waiting = Arc::downgrade(&pool.0.0);
        let clone = pool.clone();
        drop(pool);
        clone.run(Asker::server(), |_| ()).await.unwrap();
        drop(clone);
        while waiting.upgrade().is_some() {
            tokio::task::yield_now().await;
        }
    }
}
