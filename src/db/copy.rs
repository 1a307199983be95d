//! Everything that one database holds, written into another: for a move to PostgreSQL, for a backup, and for the way back.
//!
//! What there is to copy is read from SQLite's catalogue, since one of the two is always SQLite: a new table or column is copied
//! without a word here. The source is read in one snapshot; the target gets all of it in one transaction, or nothing.

use std::collections::BTreeSet;

use sqlx::types::Uuid;
use sqlx::{Postgres, Row as _, Sqlite, SqlitePool, Transaction};
use time::OffsetDateTime;

use super::Db;
use crate::error::{Error, Result};
use crate::secret;

/// Rows read and written at a time.
const BATCH: usize = 500;

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// `(table, rows)`.
    pub tables: Vec<(String, u64)>,
    /// Whether the very same was there already, so that nothing was written.
    pub was_there: bool,
}

impl Copied {
    /// How many rows of a table.
    #[must_use]
    pub fn rows(&self, table: &str) -> u64 {
        self.tables.iter().find(|(name, _)| name == table).map_or(0, |(_, rows)| *rows)
    }
}

/// What to do with a target that holds something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupied {
    /// Leave it alone.
    Refuse,
    /// Remove it, in the same transaction.
    Replace,
}

/// Told how far it has come: rows done, and rows in all.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Copies everything from `from` to `to`, one of which is SQLite, and compares what was read with what then stands in the target
/// before it counts. Both must have the schema of this binary.
pub async fn copy(
    from: &Db,
    to: &Db,
    occupied: Occupied,
    progress: Progress<'_>,
) -> Result<Copied> {
    let tables = match (from, to) {
        (Db::Sqlite { readers, .. }, _) | (_, Db::Sqlite { readers, .. }) => {
            tables(readers).await?
        }
        _ => return Err(Error::Copy("one side of a copy must be SQLite".into())),
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
        let mut copied = Vec::new();
        let mut is_same = true;
        for table in &tables {
            let sum = source.sum(table).await?;
            is_same &= sum == target.sum(table).await?;
            copied.push((table.name.clone(), sum.rows));
        }
        if is_same {
            return Ok(Copied { tables: copied, was_there: true });
        }
        if occupied == Occupied::Refuse {
            return Err(Error::Occupied);
        }
        for table in tables.iter().rev() {
            target.empty(table).await?;
        }
    }

    let mut copied = Vec::new();
    let mut done = 0;
    for table in &tables {
        let mut read = Sum::default();
        let mut rows = source.page(table, None).await?;
        while let Some(last) = rows.last() {
            for row in &rows {
                read.add(row);
            }
            target.insert(table, &rows).await?;
            done += rows.len() as u64;
            progress(done, total);
            let after = table.key_of(last);
            rows = source.page(table, Some(&after)).await?;
        }
        let written = target.sum(table).await?;
        if read != written {
            let text = format!(
                "the table {} came out different: {} rows were read and {} stand there, or their contents differ",
                table.name, read.rows, written.rows
            );
            return Err(Error::Copy(text));
        }
        copied.push((table.name.clone(), read.rows));
    }
    target.commit().await?;
    Ok(Copied { tables: copied, was_there: false })
}

/// What there is in a SQLite database.
pub async fn count(db: &Db) -> Result<Copied> {
    let Db::Sqlite { readers, .. } = db else {
        return Err(Error::Copy("only SQLite is counted".into()));
    };
    let mut side = Side::read(db).await?;
    let mut counted = Vec::new();
    for table in tables(readers).await? {
        counted.push((table.name.clone(), side.count(&table).await?));
    }
    Ok(Copied { tables: counted, was_there: false })
}

/// A table to be copied.
#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
    /// Positions of the columns of the primary key, in its order.
    key: Vec<usize>,
}

/// The types that migrations use.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Uuid,
    Text,
    Int,
    Bool,
    Bytes,
    Time,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Uuid(Option<Uuid>),
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Time(Option<OffsetDateTime>),
}

type Values = Vec<Value>;

/// All tables, those that others refer to first.
async fn tables(on: &SqlitePool) -> Result<Vec<Table>> {
    let names: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_master WHERE type = 'table'
           AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_sqlx!_%' ESCAPE '!' ORDER BY name",
    )
    .fetch_all(on)
    .await?;
    let mut waiting = Vec::new();
    for (name,) in names {
        let found: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(on)
                .await?;
        let refers: Vec<(String,)> =
            sqlx::query_as("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)")
                .bind(&name)
                .fetch_all(on)
                .await?;
        let refers = refers.into_iter().map(|(it,)| it).filter(|it| *it != name);
        let refers: BTreeSet<String> = refers.collect();
        let mut key: Vec<(i64, usize)> = found
            .iter()
            .enumerate()
            .map(|(at, (_, _, place))| (*place, at))
            .filter(|it| it.0 > 0)
            .collect();
        key.sort_unstable();
        let columns = found.into_iter().map(|(column, kind, _)| {
            let kind = match kind.as_str() {
                "UUID" => Kind::Uuid,
                "TEXT" => Kind::Text,
                "BIGINT" => Kind::Int,
                "BOOLEAN" => Kind::Bool,
                "BYTEA" => Kind::Bytes,
                "TIMESTAMPTZ" => Kind::Time,
                other => {
                    return Err(Error::Copy(format!(
                        "{name}.{column} has the unknown type {other}"
                    )));
                }
            };
            Ok((column, kind))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let key = key.into_iter().map(|(_, at)| at).collect();
        waiting.push((Table { name, columns, key }, refers));
    }
    let mut sorted: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_free = |refers: &BTreeSet<String>| {
            refers.iter().all(|it| sorted.iter().any(|table| table.name == *it))
        };
        let free = waiting.iter().position(|(_, refers)| is_free(refers));
        let free =
            free.ok_or_else(|| Error::Copy("tables refer to each other in a circle".into()))?;
        sorted.push(waiting.remove(free).0);
    }
    Ok(sorted)
}

impl Table {
    fn key_of(&self, row: &[Value]) -> Values {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    fn names(&self, of: impl Iterator<Item = usize>) -> String {
        let names: Vec<String> = of.map(|at| format!("\"{}\"", self.columns[at].0)).collect();
        names.join(", ")
    }

    /// A page of rows in the order of the key.
    fn page(&self, is_first: bool) -> String {
        let (name, all) = (&self.name, self.names(0..self.columns.len()));
        let key = self.names(self.key.iter().copied());
        let after = if is_first {
            String::new()
        } else {
            format!("WHERE ({key}) > ({})", placeholders(0, self.key.len()))
        };
        format!("SELECT {all} FROM \"{name}\" {after} ORDER BY {key} LIMIT {BATCH}")
    }

    fn insert(&self, rows: usize) -> String {
        let (name, width) = (&self.name, self.columns.len());
        let all = self.names(0..width);
        let rows: Vec<String> =
            (0..rows).map(|row| format!("({})", placeholders(row * width, width))).collect();
        format!("INSERT INTO \"{name}\" ({all}) VALUES {}", rows.join(", "))
    }
}

fn placeholders(from: usize, count: usize) -> String {
    let numbers: Vec<String> = (1..=count).map(|n| format!("${}", from + n)).collect();
    numbers.join(", ")
}

/// What rows amount to, in whatever order they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    digest: [u8; 32],
}

impl Sum {
    fn add(&mut self, row: &[Value]) {
        let mut bytes = Vec::new();
        for value in row {
            let (tag, value) = match value {
                Value::Uuid(it) => (b'u', it.map(|it| it.as_bytes().to_vec())),
                Value::Text(it) => (b't', it.as_ref().map(|it| it.as_bytes().to_vec())),
                Value::Int(it) => (b'i', it.map(|it| it.to_be_bytes().to_vec())),
                Value::Bool(it) => (b'b', it.map(|it| vec![u8::from(it)])),
                Value::Bytes(it) => (b'y', it.clone()),
                // PostgreSQL keeps microseconds.
                Value::Time(it) => {
                    (b'm', it.map(|it| (it.unix_timestamp_nanos() / 1_000).to_be_bytes().to_vec()))
                }
            };
            bytes.push(tag);
            match value {
                None => bytes.extend_from_slice(&u64::MAX.to_be_bytes()),
                Some(value) => {
                    bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
                    bytes.extend_from_slice(&value);
                }
            }
        }
        self.rows += 1;
        for (sum, byte) in self.digest.iter_mut().zip(secret::sha256(&bytes)) {
            *sum ^= byte;
        }
    }
}

/// One of the two databases, in the transaction of the copy.
enum Side {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// The same expression for either.
macro_rules! either {
    ($side:expr, $tx:ident => $body:expr) => {
        match $side {
            Side::Sqlite($tx) => $body,
            Side::Postgres($tx) => $body,
        }
    };
}

macro_rules! bind {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                Value::Uuid(it) => query.bind(it),
                Value::Text(it) => query.bind(it),
                Value::Int(it) => query.bind(it),
                Value::Bool(it) => query.bind(it),
                Value::Bytes(it) => query.bind(it),
                Value::Time(it) => query.bind(it),
            };
        }
        query
    }};
}

macro_rules! values {
    ($row:expr, $table:expr) => {{
        let columns = $table.columns.iter().enumerate();
        let values = columns.map(|(at, (_, kind))| {
            Ok(match kind {
                Kind::Uuid => Value::Uuid($row.try_get(at)?),
                Kind::Text => Value::Text($row.try_get(at)?),
                Kind::Int => Value::Int($row.try_get(at)?),
                Kind::Bool => Value::Bool($row.try_get(at)?),
                Kind::Bytes => Value::Bytes($row.try_get(at)?),
                Kind::Time => Value::Time($row.try_get(at)?),
            })
        });
        values.collect::<sqlx::Result<Values>>()
    }};
}

impl Side {
    /// One snapshot of everything.
    async fn read(db: &Db) -> Result<Self> {
        Ok(match db {
            Db::Sqlite { readers, .. } => Self::Sqlite(readers.begin().await?),
            Db::Postgres { pool, .. } => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Self::Postgres(pool.begin_with(begin).await?)
            }
        })
    }

    async fn write(db: &Db) -> Result<Self> {
        Ok(match db {
            Db::Sqlite { writer, .. } => Self::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres { pool, .. } => Self::Postgres(pool.begin().await?),
        })
    }

    async fn count(&mut self, table: &Table) -> Result<u64> {
        let sql = format!("SELECT COUNT(*) FROM \"{}\"", table.name);
        let (rows,): (i64,) = either!(self, tx => sqlx::query_as(&sql).fetch_one(&mut **tx).await?);
        Ok(rows.unsigned_abs())
    }

    /// The first rows after the key `after`.
    async fn page(&mut self, table: &Table, after: Option<&[Value]>) -> Result<Vec<Values>> {
        let sql = table.page(after.is_none());
        let after = after.unwrap_or_default();
        let rows: sqlx::Result<Vec<Values>> = either!(self, tx => {
            let rows = bind!(sqlx::query(&sql), after).fetch_all(&mut **tx).await?;
            rows.iter().map(|row| values!(row, table)).collect()
        });
        Ok(rows?)
    }

    async fn sum(&mut self, table: &Table) -> Result<Sum> {
        let mut sum = Sum::default();
        let mut rows = self.page(table, None).await?;
        while let Some(last) = rows.last() {
            for row in &rows {
                sum.add(row);
            }
            let after = table.key_of(last);
            rows = self.page(table, Some(&after)).await?;
        }
        Ok(sum)
    }

    async fn insert(&mut self, table: &Table, rows: &[Values]) -> Result<()> {
        let sql = table.insert(rows.len());
        let values = rows.iter().flatten();
        either!(self, tx => {
            bind!(sqlx::query(&sql), values).execute(&mut **tx).await?;
        });
        Ok(())
    }

    async fn empty(&mut self, table: &Table) -> Result<()> {
        let sql = format!("DELETE FROM \"{}\"", table.name);
        either!(self, tx => {
            sqlx::query(&sql).execute(&mut **tx).await?;
        });
        Ok(())
    }

    async fn commit(self) -> Result<()> {
        either!(self, tx => tx.commit().await?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_knows_rows_but_not_their_order() {
        let row = |text: &str, number| vec![Value::Text(Some(text.into())), Value::Int(number)];
        let sum = |rows: &[Values]| {
            let mut sum = Sum::default();
            for row in rows {
                sum.add(row);
            }
            sum
        };
        let (one, two) = (row("a", Some(1)), row("b", None));
        assert_eq!(sum(&[one.clone(), two.clone()]), sum(&[two.clone(), one.clone()]));
        assert_ne!(sum(&[one.clone(), two.clone()]), sum(std::slice::from_ref(&one)));
        assert_ne!(
            sum(&[row("b", Some(0))]),
            sum(std::slice::from_ref(&two)),
            "nothing is not zero"
        );
        assert_ne!(sum(&[row("", None)]), sum(&[vec![Value::Text(None), Value::Int(None)]]));
        let split =
            |a: &str, b: &str| vec![Value::Text(Some(a.into())), Value::Text(Some(b.into()))];
        assert_ne!(sum(&[split("ab", "c")]), sum(&[split("a", "bc")]));
    }
}
