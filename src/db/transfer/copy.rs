//! Copies every row of one database into another, and compares both.
//!
//! The source is read in one snapshot. The target is written in one transaction. One of the two is always SQLite.

use super::checksum::Checksum;
use super::error::{Result, TransferError};
use super::side::Side;
use super::table::{Table, tables};
use crate::db::pools::Db;
use crate::domain::quantity::counted;

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// `(table, rows)`.
    pub tables: Vec<(String, u64)>,
    /// Whether the target already held exactly this data, so that nothing was written.
    pub was_there: bool,
}

impl Copied {
    /// The number of rows of a table; 0 if the table is unknown.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.iter().find(|(name, _)| name == table).map_or(0, |(_, rows)| *rows)
    }
}

/// What to do if the target holds different data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExistingData {
    /// Keep it, and copy nothing.
    Refuse,
    /// Replace it. In PostgreSQL, the same transaction deletes it.
    Replace,
}

/// Called with the number of rows copied so far and the total number of rows.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Copies all data from `from` to `to`, and commits once the target is verified. Both must have the schema of this binary.
pub async fn copy(
    from: &Db,
    to: &Db,
    existing: ExistingData,
    progress: Progress<'_>,
) -> Result<Copied> {
    let tables = match (from, to) {
        (Db::Sqlite { readers, .. }, _) | (_, Db::Sqlite { readers, .. }) => {
            tables(readers).await?
        }
        _ => return Err(TransferError::UnknownSchema("neither database is SQLite".to_owned())),
    };
    let mut source = Side::read(from).await?;
    let mut target = Side::write(to).await?;

    let mut total = 0;
    let mut is_occupied = false;
    for table in &tables {
        total += source.count(table).await?;
        is_occupied |= target.count(table).await? > 0;
    }
    if is_occupied {
        if let Some(same) = compare(&mut source, &mut target, &tables).await? {
            return Ok(Copied { tables: same, was_there: true });
        }
        if existing == ExistingData::Refuse {
            return Err(TransferError::Occupied);
        }
        for table in tables.iter().rev() {
            target.empty(table).await?;
        }
    }

    let mut copied = Vec::new();
    let mut done = 0;
    for table in &tables {
        let show = |rows| progress(done + rows, total);
        let rows = copy_table(&mut source, &mut target, table, &show).await?;
        done += rows;
        copied.push((table.name.clone(), rows));
    }
    target.commit().await?;
    Ok(Copied { tables: copied, was_there: false })
}

/// The tables and their numbers of rows, if both databases hold the same data.
async fn compare(
    source: &mut Side,
    target: &mut Side,
    tables: &[Table],
) -> Result<Option<Vec<(String, u64)>>> {
    let mut counted = Vec::new();
    for table in tables {
        let sum = source.checksum(table).await?;
        if sum != target.checksum(table).await? {
            return Ok(None);
        }
        counted.push((table.name.clone(), sum.rows));
    }
    Ok(Some(counted))
}

/// Copies one table, and compares the rows that were read with the rows in the target.
async fn copy_table(
    source: &mut Side,
    target: &mut Side,
    table: &Table,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<u64> {
    let mut read = Checksum::default();
    let mut rows = source.page(table, None).await?;
    while let Some(last) = rows.last() {
        for row in &rows {
            read.add(row);
        }
        target.insert(table, &rows).await?;
        progress(read.rows);
        let after = table.key_of(last);
        rows = source.page(table, Some(&after)).await?;
    }
    let written = target.checksum(table).await?;
    if read != written {
        return Err(TransferError::Incomplete(format!(
            "the copy of the table {} differs: {} read and {} written, or their contents differ",
            table.name,
            counted(read.rows, "row was", "rows were"),
            written.rows
        )));
    }
    Ok(read.rows)
}

/// The number of rows of each table of a SQLite database.
pub async fn count(db: &Db) -> Result<Copied> {
    let Db::Sqlite { readers, .. } = db else {
        return Err(TransferError::UnknownSchema("only SQLite is counted".to_owned()));
    };
    let mut side = Side::read(db).await?;
    let mut counted = Vec::new();
    for table in tables(readers).await? {
        counted.push((table.name.clone(), side.count(&table).await?));
    }
    Ok(Copied { tables: counted, was_there: false })
}
