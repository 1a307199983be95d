//! A pool's connection for one statement or one transaction.

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

/// A connection that goes back to its pool only if it was given back. Broken off in the middle (its time was up, whoever asked has
/// gone) it is closed: nobody knows what it would answer next, and a server that has fallen silent would keep it for ever.
#[derive(Debug)]
pub(super) struct Lent<D: Database> {
    pub(super) connection: PoolConnection<D>,
    is_given_back: bool,
}

impl<D: Database> Lent<D> {
    pub(super) async fn from(pool: &Pool<D>) -> sqlx::Result<Self> {
        Ok(Self { connection: pool.acquire().await?, is_given_back: false })
    }

    /// The last statement was answered, well or not.
    pub(super) fn give_back(mut self) {
        self.is_given_back = true;
    }
}

impl<D: Database> Drop for Lent<D> {
    fn drop(&mut self) {
        if !self.is_given_back {
            self.connection.close_on_drop();
        }
    }
}
