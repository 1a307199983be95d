//! Statements: a text and its values, for either database.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Encode, FromRow, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Type,
};

use super::checkout::Checkout;
use super::error::{Error, Result};
use super::pools::Db;
use super::timeouts::ANSWER_TIMEOUT;
use super::transaction::{On, Tx, TxState};

/// What a query runs on.
#[derive(Debug)]
pub enum Conn<'c> {
    /// SQLite's readers.
    SqlitePool(&'c SqlitePool),
    /// SQLite's open transaction.
    SqliteTx(&'c mut SqliteConnection),
    /// PostgreSQL's pool.
    PostgresPool(&'c PgPool),
    /// PostgreSQL's open transaction, and where to record a failed statement.
    PostgresTx(&'c mut PgConnection, &'c mut TxState),
}

impl<'c> From<&'c Db> for Conn<'c> {
    fn from(db: &'c Db) -> Self {
        match db {
            Db::Sqlite { readers, .. } => Self::SqlitePool(readers),
            Db::Postgres { pool, .. } => Self::PostgresPool(pool),
        }
    }
}

impl<'c> From<&'c mut Tx> for Conn<'c> {
    fn from(tx: &'c mut Tx) -> Self {
        match &mut tx.on {
            On::Sqlite(on) => Self::SqliteTx(&mut on.connection),
            On::Postgres(on) => Self::PostgresTx(&mut on.connection, &mut tx.state),
        }
    }
}

/// A type that rows of either database can be converted to.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// A type that can be bound as a value on either database.
pub trait Bind<'q>:
    Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}
impl<'q, T> Bind<'q> for T where
    T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

/// A statement with its values, not yet run.
#[expect(missing_debug_implementations, reason = "its values may be secrets")]
pub enum Query<'c, 'q> {
    /// On SQLite's readers.
    SqlitePool(&'c SqlitePool, sqlx::query::Query<'q, Sqlite, SqliteArguments<'q>>),
    /// In SQLite's transaction.
    SqliteTx(&'c mut SqliteConnection, sqlx::query::Query<'q, Sqlite, SqliteArguments<'q>>),
    /// On PostgreSQL's pool.
    PostgresPool(&'c PgPool, sqlx::query::Query<'q, Postgres, PgArguments>),
    /// In PostgreSQL's transaction.
    PostgresTx(
        &'c mut PgConnection,
        &'c mut TxState,
        sqlx::query::Query<'q, Postgres, PgArguments>,
    ),
}

/// Starts a statement. The text is `'static`, so SQL is never assembled at run time.
pub fn query<'c, 'q>(on: impl Into<Conn<'c>>, sql: &'static str) -> Query<'c, 'q> {
    match on.into() {
        Conn::SqlitePool(pool) => Query::SqlitePool(pool, sqlx::query(sql)),
        Conn::SqliteTx(tx) => Query::SqliteTx(tx, sqlx::query(sql)),
        Conn::PostgresPool(pool) => Query::PostgresPool(pool, sqlx::query(sql)),
        Conn::PostgresTx(tx, state) => Query::PostgresTx(tx, state, sqlx::query(sql)),
    }
}

/// Evaluates the same expression for each variant. Outside a transaction, each statement has a timeout; a transaction has one as a whole.
macro_rules! each {
    ($query:expr, ($on:ident, $q:ident) => $body:expr) => {
        match $query {
            Query::SqlitePool(pool, $q) => alone!(pool, $on => $body),
            Query::SqliteTx($on, $q) => async { $body }.await.map_err(failed),
            Query::PostgresPool(pool, $q) => alone!(pool, $on => $body),
            Query::PostgresTx($on, state, $q) => async { $body }.await.map_err(|error| {
                let error = failed(error);
                *state = if error.is_conflict() { TxState::Conflicted } else { TxState::Failed };
                error
            }),
        }
    };
}

/// Evaluates an expression on a connection that returns to its pool after the response.
macro_rules! alone {
    ($pool:expr, $on:ident => $body:expr) => {
        in_time(async {
            let mut checkout = Checkout::from($pool).await?;
            let $on = &mut *checkout.connection;
            let answer = async { $body }.await;
            checkout.release();
            answer
        })
        .await
    };
}

fn failed(error: sqlx::Error) -> Error {
    error.into()
}

async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match tokio::time::timeout(ANSWER_TIMEOUT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Error::TimedOut),
    }
}

impl<'q> Query<'_, 'q> {
    /// Sets the value of the next `$n`.
    #[must_use]
    pub fn bind(self, value: impl Bind<'q>) -> Self {
        match self {
            Self::SqlitePool(on, q) => Self::SqlitePool(on, q.bind(value)),
            Self::SqliteTx(on, q) => Self::SqliteTx(on, q.bind(value)),
            Self::PostgresPool(on, q) => Self::PostgresPool(on, q.bind(value)),
            Self::PostgresTx(on, state, q) => Self::PostgresTx(on, state, q.bind(value)),
        }
    }

    /// Runs it and returns the number of rows it changed.
    pub async fn execute(self) -> Result<u64> {
        each!(self, (on, q) => Ok(q.execute(on).await?.rows_affected()))
    }

    /// Runs it and returns its one row. No row is an error.
    pub async fn one<T: Row>(self) -> Result<T> {
        each!(self, (on, q) => T::from_row(&q.fetch_one(on).await?))
    }

    /// Runs it and returns its row, if there is one.
    pub async fn optional<T: Row>(self) -> Result<Option<T>> {
        each!(self, (on, q) => {
            q.fetch_optional(on).await?.map(|row| T::from_row(&row)).transpose()
        })
    }

    /// Runs it and returns every row.
    pub async fn all<T: Row>(self) -> Result<Vec<T>> {
        each!(self, (on, q) => {
            let rows = q.fetch_all(on).await?;
            rows.iter().map(T::from_row).collect::<sqlx::Result<Vec<T>>>()
        })
    }
}
