//! `authflow backup`

use std::path::Path;

use super::copy::{Copied, ExistingData, Progress, copy};
use super::error::{Result, TransferError};
use super::partial_file::PartialFile;
use crate::db::location::Location;
use crate::db::pools::Db;
use crate::db::sqlite::file;

/// Writes all data to a new file while the server keeps running. The file is a snapshot. It is compared row by row with its source, and
/// verified before it gets its name.
pub async fn back_up(location: &Location, path: &Path, progress: Progress<'_>) -> Result<Copied> {
    if path.exists() {
        return Err(TransferError::FileExists(path.display().to_string()));
    }
    let from = Db::open_existing(location).await?;
    from.must_be_current().await?;
    let partial = PartialFile::beside(path)?;
    let to = Db::open(&Location::Sqlite(partial.path().to_owned())).await?;
    let copied = copy(&from, &to, ExistingData::Refuse, progress).await?;
    to.close().await;
    from.close().await;
    file::merge_log(partial.path()).await?;
    file::verify(partial.path()).await?;
    partial.persist(path)?;
    Ok(copied)
}
