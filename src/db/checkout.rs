//! A connection checked out of a pool, for one statement or one transaction.

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

/// A connection that returns to its pool only after [`release`](Self::release). If its work is cancelled (by a timeout, or because the
/// client disconnected), it is closed: its state is unknown, and an unresponsive server would block it forever.
#[derive(Debug)]
pub(super) struct Checkout<D: Database> {
    pub(super) connection: PoolConnection<D>,
    is_released: bool,
}

impl<D: Database> Checkout<D> {
    pub(super) async fn from(pool: &Pool<D>) -> sqlx::Result<Self> {
        Ok(Self { connection: pool.acquire().await?, is_released: false })
    }

    /// Returns the connection to the pool, after the database has answered the last statement.
    pub(super) fn release(mut self) {
        self.is_released = true;
    }
}

impl<D: Database> Drop for Checkout<D> {
    fn drop(&mut self) {
        if !self.is_released {
            self.connection.close_on_drop();
        }
    }
}
