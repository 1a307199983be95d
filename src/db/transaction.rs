//! Transactions, which are repeated after conflicts.

use std::time::Duration;

use sqlx::{Executor, Postgres, Sqlite};

use super::checkout::Checkout;
use super::error::{Error, Result};
use super::pools::Db;
use super::timeouts::ANSWER_TIMEOUT;
use crate::secret;

/// How many times to try a transaction that keeps conflicting with others.
const TRIES: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Begins a transaction on PostgreSQL, with limits that the server enforces, in milliseconds. They match our own, and soon release the
/// locks of an instance that has disappeared. They belong to the transaction and not to the connection, because a connection pooler may
/// give the next transaction another connection.
const BEGIN_ON_POSTGRES: &str = "BEGIN; SET LOCAL statement_timeout = 15000; SET LOCAL lock_timeout = 5000; \
                                 SET LOCAL idle_in_transaction_session_timeout = 30000";

/// Runs `work` in one transaction: commits it after `Ok`, rolls it back after `Err`. Keep slow work (hashing, rendering, sending)
/// outside.
///
/// `transaction!(app.db, |tx| { users::delete(tx, id).await })`, or with the type where it cannot be inferred:
/// `transaction!(app.db, |tx| -> Result<_> { … })?`. The error must implement `From<db::Error>`.
///
/// If the transaction conflicts with another one (SQLSTATE 40001, 40P01), `work` runs again from its beginning, so it must change nothing
/// but the database. This is a macro because the future of an async closure that borrows is not `Send` everywhere it needs to be
/// (rust-lang/rust#102211).
#[macro_export]
macro_rules! transaction {
    ($db:expr, |$tx:ident| $work:block) => {
        $crate::transaction!($db, |$tx| -> _ $work)
    };
    ($db:expr, |$tx:ident| -> $outcome:ty $work:block) => {{
        let mut tries = $crate::db::transaction::Tries::default();
        loop {
            let attempt = async {
                let mut open = match $db.begin().await {
                    Ok(open) => open,
                    Err(error) => return $crate::db::transaction::TryOutcome::Done(Err(error.into())),
                };
                let $tx = &mut open;
                let outcome: $outcome = async { $work }.await;
                open.end(outcome).await
            };
            if let Some(outcome) = tries.settle(attempt).await {
                break outcome;
            }
        }
    }};
}

/// An open transaction: see [`transaction!`].
#[expect(
    missing_debug_implementations,
    reason = "the callbacks for after the commit cannot be printed"
)]
pub struct Tx {
    pub(super) on: On,
    /// Whether one of its statements has failed.
    pub(super) state: TxState,
    /// Callbacks for after the commit.
    after_commit: Vec<Box<dyn FnOnce() + Send>>,
}

/// What a failed statement means for the whole transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxState {
    /// No statement has failed.
    Good,
    /// PostgreSQL has aborted the transaction, and would answer its commit with a silent rollback.
    Failed,
    /// Like `Failed`, but only because it conflicted with another transaction.
    Conflicted,
}

/// The connection of a transaction. sqlx's own transactions mishandle two cases, in which a connection returns to the pool inside a
/// transaction, or loses its transaction: SQLite ends a transaction by itself when the disk is full, and a request may be cancelled in the
/// middle of BEGIN.
#[derive(Debug)]
pub(super) enum On {
    /// Holds the write lock from the beginning.
    Sqlite(Checkout<Sqlite>),
    /// At the server's default isolation level.
    Postgres(Checkout<Postgres>),
}

/// How one try ended.
#[derive(Debug)]
pub enum TryOutcome<T, E> {
    /// It committed or failed, and is not repeated.
    Done(Result<T, E>),
    /// It conflicted with another transaction, and may be repeated.
    Conflict(E),
}

impl Db {
    /// Opens a transaction; use [`transaction!`] instead.
    #[doc(hidden)]
    pub async fn begin(&self) -> Result<Tx> {
        let on = match self {
            Self::Sqlite { writer, .. } => {
                let mut checkout = Checkout::from(writer).await?;
                checkout.connection.execute("BEGIN IMMEDIATE").await?;
                On::Sqlite(checkout)
            }
            Self::Postgres { pool, .. } => {
                let mut checkout = Checkout::from(pool).await?;
                checkout.connection.execute(BEGIN_ON_POSTGRES).await?;
                On::Postgres(checkout)
            }
        };
        Ok(Tx { on, state: TxState::Good, after_commit: Vec::new() })
    }
}

impl Tx {
    /// Calls `act` after the commit, and not at all after a rollback: to write to the log, or to wake a worker.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(act));
    }

    /// Commits or rolls back. A rollback is awaited, since the caller may need the same rows next.
    #[doc(hidden)]
    pub async fn end<T, E: From<Error>>(mut self, outcome: Result<T, E>) -> TryOutcome<T, E> {
        let after_commit = std::mem::take(&mut self.after_commit);
        let state = self.state;
        match outcome {
            Ok(value) if state == TxState::Good => match self.finish("COMMIT").await {
                Ok(()) => {
                    for act in after_commit {
                        act();
                    }
                    TryOutcome::Done(Ok(value))
                }
                Err(error) if error.is_conflict() => TryOutcome::Conflict(error.into()),
                Err(error) => TryOutcome::Done(Err(error.into())),
            },
            outcome => {
                if let Err(error) = self.finish("ROLLBACK").await {
                    tracing::debug!(%error, "could not roll back; the connection was closed instead");
                }
                let error = outcome.err().unwrap_or_else(|| Error::RolledBack.into());
                match state {
                    TxState::Conflicted => TryOutcome::Conflict(error),
                    TxState::Good | TxState::Failed => TryOutcome::Done(Err(error)),
                }
            }
        }
    }

    async fn finish(self, how: &'static str) -> Result<()> {
        match self.on {
            On::Sqlite(mut checkout) => {
                checkout.connection.execute(how).await?;
                checkout.release();
            }
            On::Postgres(mut checkout) => {
                let answer = checkout.connection.execute(how).await;
                // Even if the commit was refused (most likely with 40001), the transaction has ended.
                if matches!(answer, Ok(_) | Err(sqlx::Error::Database(_))) {
                    checkout.release();
                }
                answer?;
            }
        }
        Ok(())
    }
}

/// Counts the tries of one transaction.
#[derive(Debug, Default)]
pub struct Tries(u32);

impl Tries {
    /// Awaits one try, within [`ANSWER_TIMEOUT`]. Returns `None` after a pause if there should be another try.
    #[doc(hidden)]
    pub async fn settle<T, E: From<Error>>(
        &mut self,
        attempt: impl Future<Output = TryOutcome<T, E>>,
    ) -> Option<Result<T, E>> {
        self.0 += 1;
        match tokio::time::timeout(ANSWER_TIMEOUT, attempt).await {
            Ok(TryOutcome::Done(outcome)) => Some(outcome),
            Ok(TryOutcome::Conflict(error)) if self.0 >= TRIES => Some(Err(error)),
            Ok(TryOutcome::Conflict(_)) => {
                tokio::time::sleep(pause(self.0)).await;
                None
            }
            Err(_) => Some(Err(Error::TimedOut.into())),
        }
    }
}

/// A backoff that grows with each try. Its second half is random, so that two transactions do not conflict again.
fn pause(tries: u32) -> Duration {
    let pause = FIRST_PAUSE.saturating_mul(1 << tries.min(10)).min(LONGEST_PAUSE);
    let [random] = secret::random::<1>();
    pause * (255 + u32::from(random)) / 510
}
