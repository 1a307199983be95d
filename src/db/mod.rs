//! SQLite and PostgreSQL behind one query type. Only this folder distinguishes them.
//!
//! `query(on, "… $1 …").bind(x).optional::<User>()`, where `on` is `&Db` (to read) or `&mut Tx`
//! (to read and write, inside [`transaction!`](crate::transaction)). The SQL is one text, valid on both.

mod advice;
mod checkout;
mod error;
mod location;
mod migration;
mod open;
mod pools;
mod postgres;
mod query;
mod sqlite;
mod timeouts;
pub mod transaction;
pub mod transfer;

pub use self::error::{Error, Result};
pub use self::location::{DatabasePlace, Location};
pub use self::open::under_migration_lock;
pub use self::pools::Db;
pub use self::postgres::server::Server;
pub use self::postgres::server_error::ServerError;
pub use self::query::{Bind, Conn, Query, Row, query};
pub use self::timeouts::ANSWER_TIMEOUT;
pub use self::transaction::Tx;
