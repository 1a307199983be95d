//! The tables to copy. They are read from SQLite's catalogue, so that a new table or column needs no change here.

use std::collections::BTreeSet;

use sqlx::SqlitePool;
use sqlx::types::Uuid;
use sqlx::types::time::OffsetDateTime;

use super::error::{Result, TransferError};

/// Rows read and written at a time.
const BATCH: usize = 500;

/// A table, with the metadata needed to read and write its rows.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<(String, ColumnType)>,
    /// Positions of the columns of the primary key, in its order.
    key: Vec<usize>,
}

/// The types that migrations use.
#[derive(Clone, Copy, Debug)]
pub enum ColumnType {
    Uuid,
    Text,
    Int,
    Bool,
    Bytes,
    Time,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Uuid(Option<Uuid>),
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Time(Option<OffsetDateTime>),
}

/// All tables, sorted so that foreign keys only refer to earlier tables.
pub async fn tables(on: &SqlitePool) -> Result<Vec<Table>> {
    let names: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_master WHERE type = 'table'
           AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_sqlx!_%' ESCAPE '!' ORDER BY name",
    )
    .fetch_all(on)
    .await?;
    let mut waiting = Vec::new();
    for (name,) in names {
        let references = references(on, &name).await?;
        waiting.push((Table::read(on, name).await?, references));
    }
    let mut sorted: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_next = |references: &BTreeSet<String>| {
            references.iter().all(|it| sorted.iter().any(|table| table.name == *it))
        };
        let next = waiting.iter().position(|(_, references)| is_next(references));
        let next = next.ok_or_else(|| {
            TransferError::UnknownSchema("tables refer to each other in a circle".to_owned())
        })?;
        sorted.push(waiting.remove(next).0);
    }
    Ok(sorted)
}

/// The other tables that a table refers to.
async fn references(on: &SqlitePool, table: &str) -> Result<BTreeSet<String>> {
    let found: Vec<(String,)> =
        sqlx::query_as("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)")
            .bind(table)
            .fetch_all(on)
            .await?;
    Ok(found.into_iter().map(|(it,)| it).filter(|it| it != table).collect())
}

impl Table {
    async fn read(on: &SqlitePool, name: String) -> Result<Self> {
        let found: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(on)
                .await?;
        let positions = found.iter().enumerate().map(|(at, (_, _, in_key))| (*in_key, at));
        let mut key: Vec<(i64, usize)> = positions.filter(|(in_key, _)| *in_key > 0).collect();
        key.sort_unstable();
        let key = key.into_iter().map(|(_, at)| at).collect();
        let columns = found.into_iter().map(|(column, written, _)| {
            let known = ColumnType::of(&written).ok_or_else(|| {
                let text = format!("{name}.{column} has the unknown type {written}");
                TransferError::UnknownSchema(text)
            })?;
            Ok((column, known))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Self { name, columns, key })
    }

    pub fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    /// The statement that reads a page of rows in the order of the key: the first page, or the one after the bound key.
    pub fn page(&self, is_first: bool) -> String {
        let (name, all) = (&self.name, self.names(0..self.columns.len()));
        let key = self.names(self.key.iter().copied());
        let after = if is_first {
            String::new()
        } else {
            format!("WHERE ({key}) > ({})", placeholders(0, self.key.len()))
        };
        format!("SELECT {all} FROM \"{name}\" {after} ORDER BY {key} LIMIT {BATCH}")
    }

    pub fn insert(&self, rows: usize) -> String {
        let (name, width) = (&self.name, self.columns.len());
        let all = self.names(0..width);
        let rows: Vec<String> =
            (0..rows).map(|row| format!("({})", placeholders(row * width, width))).collect();
        format!("INSERT INTO \"{name}\" ({all}) VALUES {}", rows.join(", "))
    }

    fn names(&self, of: impl Iterator<Item = usize>) -> String {
        let names: Vec<String> = of.map(|at| format!("\"{}\"", self.columns[at].0)).collect();
        names.join(", ")
    }
}

impl ColumnType {
    fn of(written: &str) -> Option<Self> {
        Some(match written {
            "UUID" => Self::Uuid,
            "TEXT" => Self::Text,
            "BIGINT" => Self::Int,
            "BOOLEAN" => Self::Bool,
            "BYTEA" => Self::Bytes,
            "TIMESTAMPTZ" => Self::Time,
            _ => return None,
        })
    }
}

fn placeholders(from: usize, count: usize) -> String {
    let numbers: Vec<String> = (1..=count).map(|n| format!("${}", from + n)).collect();
    numbers.join(", ")
}
