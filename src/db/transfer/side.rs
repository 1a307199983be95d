//! One of the two databases of a copy.

use sqlx::{Postgres, Row as _, Sqlite, Transaction};

use super::checksum::Checksum;
use super::error::Result;
use super::table::{ColumnType, Table, Value};
use crate::db::pools::Db;

/// The database, in the transaction of the copy.
pub enum Side {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Evaluates the same expression for either database.
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
        let values = columns.map(|(at, (_, column_type))| {
            Ok(match column_type {
                ColumnType::Uuid => Value::Uuid($row.try_get(at)?),
                ColumnType::Text => Value::Text($row.try_get(at)?),
                ColumnType::Int => Value::Int($row.try_get(at)?),
                ColumnType::Bool => Value::Bool($row.try_get(at)?),
                ColumnType::Bytes => Value::Bytes($row.try_get(at)?),
                ColumnType::Time => Value::Time($row.try_get(at)?),
            })
        });
        values.collect::<sqlx::Result<Vec<Value>>>()
    }};
}

impl Side {
    /// Begins a transaction that reads one snapshot of all tables.
    pub async fn read(db: &Db) -> Result<Self> {
        Ok(match db {
            Db::Sqlite { readers, .. } => Self::Sqlite(readers.begin().await?),
            Db::Postgres { pool, .. } => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Self::Postgres(pool.begin_with(begin).await?)
            }
        })
    }

    /// Begins a transaction that writes all tables.
    pub async fn write(db: &Db) -> Result<Self> {
        Ok(match db {
            Db::Sqlite { writer, .. } => Self::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres { pool, .. } => Self::Postgres(pool.begin().await?),
        })
    }

    pub async fn count(&mut self, table: &Table) -> Result<u64> {
        let sql = format!("SELECT COUNT(*) FROM \"{}\"", table.name);
        let (rows,): (i64,) = either!(self, tx => sqlx::query_as(&sql).fetch_one(&mut **tx).await?);
        Ok(rows.unsigned_abs())
    }

    /// The first rows after the key `after`.
    pub async fn page(
        &mut self,
        table: &Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Vec<Value>>> {
        let sql = table.page(after.is_none());
        let after = after.unwrap_or_default();
        let rows: sqlx::Result<Vec<Vec<Value>>> = either!(self, tx => {
            let rows = bind!(sqlx::query(&sql), after).fetch_all(&mut **tx).await?;
            rows.iter().map(|row| values!(row, table)).collect()
        });
        Ok(rows?)
    }

    pub async fn checksum(&mut self, table: &Table) -> Result<Checksum> {
        let mut sum = Checksum::default();
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

    pub async fn insert(&mut self, table: &Table, rows: &[Vec<Value>]) -> Result<()> {
        let sql = table.insert(rows.len());
        let values = rows.iter().flatten();
        either!(self, tx => {
            bind!(sqlx::query(&sql), values).execute(&mut **tx).await?;
        });
        Ok(())
    }

    pub async fn empty(&mut self, table: &Table) -> Result<()> {
        let sql = format!("DELETE FROM \"{}\"", table.name);
        either!(self, tx => {
            sqlx::query(&sql).execute(&mut **tx).await?;
        });
        Ok(())
    }

    pub async fn commit(self) -> Result<()> {
        either!(self, tx => tx.commit().await?);
        Ok(())
    }
}
