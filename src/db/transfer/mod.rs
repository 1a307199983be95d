//! All data of an installation, carried elsewhere: into one file, back from it, or to PostgreSQL. The file is a SQLite database, also
//! when the data comes from PostgreSQL.

mod backup;
mod checksum;
mod copy;
mod error;
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
