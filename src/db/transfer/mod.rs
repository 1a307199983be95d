//! Backup, restore, and migration to PostgreSQL. A backup is a SQLite database, even if the data comes from PostgreSQL.

mod backup;
mod checksum;
mod copy;
mod error;
mod migrated_copy;
mod partial_file;
mod restore;
mod side;
mod table;
mod to_postgres;

pub use self::backup::back_up;
pub use self::copy::{Copied, ExistingData, Progress, copy};
pub use self::error::TransferError;
pub use self::restore::{Backup, Restored};
pub use self::to_postgres::SqliteSource;
