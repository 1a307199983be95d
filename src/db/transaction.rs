//! Transactions: all of it or nothing, tried again where the database asks for it.

use std::time::Duration;

use sqlx::{Executor, Postgres, Sqlite};

use super::lent::Lent;
use super::{ANSWER_TIMEOUT, Db};
use crate::error::{Error, Result};
use crate::secret;

/// How often a transaction is tried that others keep getting in the way of.
const TRIES: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_millis(4);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Does `work` in one transaction: committed if it ends well, and as if it had never begun if it does not. Keep slow work (hashing,
/// drawing, sending) outside.
///
/// `transaction!(app.db, |tx| { users::delete(tx, id).await })`, or with the type where it cannot be inferred:
/// `transaction!(app.db, |tx| -> Result<_> { … })?`. The error must be one that [`Error`] converts into.
///
/// Where the database cannot put it in line with another transaction (SQLSTATE 40001, 40P01), `work` is done again from its
/// beginning: it must change nothing but the database. A macro, since the future of an async closure that borrows is not `Send` in
/// every place that needs it (rust-lang/rust#102211).
#[macro_export]
macro_rules! transaction {
    ($db:expr, |$tx:ident| $work:block) => {
        $crate::transaction!($db, |$tx| -> _ $work)
    };
    ($db:expr, |$tx:ident| -> $outcome:ty $work:block) => {{
        let mut tries = $crate::db::Tries::default();
        loop {
            let attempt = async {
                let mut open = match $db.begin().await {
                    Ok(open) => open,
                    Err(error) => return $crate::db::Attempt::Done(Err(error.into())),
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

/// A transaction under way: see [`transaction!`].
#[expect(missing_debug_implementations, reason = "what waits for the commit cannot be printed")]
pub struct Tx {
    pub(super) on: On,
    /// How its statements have fared.
    pub(super) state: TxState,
    /// What is to be done once it counts.
    after_commit: Vec<Box<dyn FnOnce() + Send>>,
}

/// What a statement that failed means for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TxState {
    /// All went well so far.
    Good,
    /// PostgreSQL has given the transaction up, and would answer its commit with a silent rollback.
    Failed,
    /// The same, only because another transaction was in the way.
    Conflicted,
}

/// The connection of a transaction. Held by hand and not by sqlx: SQLite ends a transaction by itself when the disk is full, and a
/// request may be broken off in the middle of BEGIN; sqlx's own transactions notice neither, and whoever gets the connection next is
/// inside of what was left.
#[derive(Debug)]
pub(super) enum On {
    /// Holds the write lock from its first moment.
    Sqlite(Lent<Sqlite>),
    /// At the server's default isolation level.
    Postgres(Lent<Postgres>),
}

/// What became of one try.
#[derive(Debug)]
pub enum Attempt<T, E> {
    /// It is over, well or not.
    Done(Result<T, E>),
    /// Another transaction was in the way.
    Conflict(E),
}

impl Db {
    /// Opens a transaction; [`transaction!`] is how.
    #[doc(hidden)]
    pub async fn begin(&self) -> Result<Tx> {
        let on = match self {
            Self::Sqlite { writer, .. } => {
                let mut lent = Lent::from(writer).await?;
                lent.connection.execute("BEGIN IMMEDIATE").await?;
                On::Sqlite(lent)
            }
            Self::Postgres { pool, .. } => {
                let mut lent = Lent::from(pool).await?;
                lent.connection.execute("BEGIN").await?;
                On::Postgres(lent)
            }
        };
        Ok(Tx { on, state: TxState::Good, after_commit: Vec::new() })
    }
}

impl Tx {
    /// Does something once all of it counts, and not at all if it comes to nothing: a line in the log, a bell.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(act));
    }

    /// Commits what ended well, and takes back what did not: now and not later, since whoever goes on may need the same rows.
    #[doc(hidden)]
    pub async fn end<T, E: From<Error>>(mut self, outcome: Result<T, E>) -> Attempt<T, E> {
        let after_commit = std::mem::take(&mut self.after_commit);
        let state = self.state;
        match outcome {
            Ok(value) if state == TxState::Good => match self.finish("COMMIT").await {
                Ok(()) => {
                    for act in after_commit {
                        act();
                    }
                    Attempt::Done(Ok(value))
                }
                Err(error) if error.is_conflict() => Attempt::Conflict(error.into()),
                Err(error) => Attempt::Done(Err(error.into())),
            },
            outcome => {
                if let Err(error) = self.finish("ROLLBACK").await {
                    tracing::debug!(%error, "a transaction ended with its connection");
                }
                let error = outcome.err().unwrap_or_else(|| Error::GivenUp.into());
                match state {
                    TxState::Conflicted => Attempt::Conflict(error),
                    TxState::Good | TxState::Failed => Attempt::Done(Err(error)),
                }
            }
        }
    }

    async fn finish(self, how: &'static str) -> Result<()> {
        match self.on {
            On::Sqlite(mut lent) => {
                lent.connection.execute(how).await?;
                lent.give_back();
            }
            On::Postgres(mut lent) => {
                let answer = lent.connection.execute(how).await;
                // Refused (40001, most likely), it is over all the same.
                if matches!(answer, Ok(_) | Err(sqlx::Error::Database(_))) {
                    lent.give_back();
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
    /// Makes a try, in the time that one may take. Nothing: it is to be made again.
    #[doc(hidden)]
    pub async fn settle<T, E: From<Error>>(
        &mut self,
        attempt: impl Future<Output = Attempt<T, E>>,
    ) -> Option<Result<T, E>> {
        self.0 += 1;
        match tokio::time::timeout(ANSWER_TIMEOUT, attempt).await {
            Ok(Attempt::Done(outcome)) => Some(outcome),
            Ok(Attempt::Conflict(error)) if self.0 >= TRIES => Some(Err(error)),
            Ok(Attempt::Conflict(_)) => {
                tokio::time::sleep(pause(self.0)).await;
                None
            }
            Err(_) => Some(Err(Error::DbSilent.into())),
        }
    }
}

/// Grows with each try; somewhere between half of it and all of it, so that two do not meet again.
fn pause(tries: u32) -> Duration {
    let pause = FIRST_PAUSE.saturating_mul(1 << tries.min(10)).min(LONGEST_PAUSE);
    let [random] = secret::random::<1>();
    pause * (255 + u32::from(random)) / 510
}
