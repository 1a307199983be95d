//! Transactions: all of it or nothing, tried again where the database asks for it.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Executor, Postgres, Sqlite, SqlitePool, Transaction};

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
#[derive(Debug)]
pub struct Tx {
    pub(super) on: On,
    /// Set by a statement that failed only because another transaction was in the way.
    pub(super) is_conflicted: bool,
}

#[derive(Debug)]
pub(super) enum On {
    /// Holds the write lock from its first moment.
    Sqlite(SqliteTransaction),
    /// At the server's default isolation level.
    Postgres(Transaction<'static, Postgres>),
}

/// SQLite ends a transaction by itself when the disk is full. sqlx's own transactions do not notice, and their connection is of no
/// use to anybody after that; so these are held by hand.
#[derive(Debug)]
pub(super) struct SqliteTransaction {
    pub(super) connection: PoolConnection<Sqlite>,
    is_over: bool,
}

impl SqliteTransaction {
    async fn begin(pool: &SqlitePool) -> Result<Self> {
        let mut begun = Self { connection: pool.acquire().await?, is_over: false };
        begun.connection.execute("BEGIN IMMEDIATE").await?;
        Ok(begun)
    }

    async fn end(mut self, how: &'static str) -> sqlx::Result<()> {
        self.connection.execute(how).await?;
        self.is_over = true;
        Ok(())
    }
}

impl Drop for SqliteTransaction {
    /// Whatever it was broken off in, nobody gets the connection after it.
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.close_on_drop();
        }
    }
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
            Self::Sqlite { writer, .. } => On::Sqlite(SqliteTransaction::begin(writer).await?),
            Self::Postgres { pool, .. } => On::Postgres(pool.begin().await?),
        };
        Ok(Tx { on, is_conflicted: false })
    }
}

impl Tx {
    /// Commits what ended well, and takes back what did not: now and not later, since whoever goes on may need the same rows.
    #[doc(hidden)]
    pub async fn end<T, E: From<Error>>(self, outcome: Result<T, E>) -> Attempt<T, E> {
        match outcome {
            Ok(value) => match self.commit().await {
                Ok(()) => Attempt::Done(Ok(value)),
                Err(error) if error.is_conflict() => Attempt::Conflict(error.into()),
                Err(error) => Attempt::Done(Err(error.into())),
            },
            Err(error) => {
                let is_conflicted = self.is_conflicted;
                self.roll_back().await;
                if is_conflicted { Attempt::Conflict(error) } else { Attempt::Done(Err(error)) }
            }
        }
    }

    async fn commit(self) -> Result<()> {
        match self.on {
            On::Sqlite(tx) => tx.end("COMMIT").await?,
            On::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    async fn roll_back(self) {
        let done = match self.on {
            On::Sqlite(tx) => tx.end("ROLLBACK").await,
            On::Postgres(tx) => tx.rollback().await,
        };
        if let Err(error) = done {
            tracing::debug!(%error, "a transaction ended with its connection");
        }
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
