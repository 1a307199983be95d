//! Gives accounts their handles. A handle that was given once never goes to another account, even after a change or a deletion.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::db::{Conn, Db, Result, Tx};
use crate::domain::account::email::EmailAddress;
use crate::domain::account::handle::Handle;
use crate::domain::id::UserId;
use crate::repositories::handles::{self, HandleKey};
use crate::secret::MacKey;
use crate::transaction;

/// Accounts of earlier versions per transaction, so that the transaction ends in time on a slow database.
const BATCH: i64 = 100;
/// Handles per query, when the owners of many are looked up.
const LOOK_UP: i64 = 5_000;

/// The handles of all accounts, present and former. The database has their keyed hashes.
#[derive(Clone, Debug)]
pub struct HandleRegister {
    key: MacKey,
}

impl HandleRegister {
    /// The register whose rows are hashed with this key.
    #[must_use]
    pub fn new(key: MacKey) -> Self {
        Self { key }
    }

    fn key_of(&self, handle: &Handle) -> HandleKey {
        self.key.tag(handle.as_str().as_bytes())
    }

    /// The account that has this handle or had it before. The account may have been deleted.
    async fn owner(&self, on: impl Into<Conn<'_>>, handle: &Handle) -> Result<Option<UserId>> {
        handles::owner(on, &self.key_of(handle)).await
    }

    /// The accounts that have some of these handles or had them before. Reads all rows in batches, which costs less than a query for each
    /// of many handles.
    pub async fn owners(
        &self,
        db: &Db,
        wanted: impl Iterator<Item = &Handle>,
    ) -> Result<HashMap<Handle, UserId>> {
        let wanted: HashMap<HandleKey, &Handle> =
            wanted.map(|handle| (self.key_of(handle), handle)).collect();
        let (mut owners, mut last) = (HashMap::new(), Vec::new());
        while owners.len() < wanted.len() {
            let given = handles::after(db, &last, LOOK_UP).await?;
            let Some(end) = given.last() else { break };
            last.clone_from(&end.key);
            for row in given {
                if let Some(handle) = wanted.get(row.key.as_slice()) {
                    owners.insert((*handle).clone(), row.user_id);
                }
            }
        }
        Ok(owners)
    }

    /// Gives a handle to an account that has none: the one of its address, or the first free number of it. Call this in the transaction
    /// that opens the account. `None` if it has a handle.
    pub async fn give(
        &self,
        tx: &mut Tx,
        user: UserId,
        email: &EmailAddress,
        now: Timestamp,
    ) -> Result<Option<Handle>> {
        if !handles::hold_without(tx, user).await? {
            return Ok(None);
        }
        let base = Handle::of_local_part(email.local_part());
        if !base.is_reserved() && self.claim(tx, user, &base, now).await? {
            return Ok(Some(base));
        }
        self.give_numbered(tx, user, &base, now).await.map(Some)
    }

    /// Gives an account this handle, which may be reserved, in place of its present one. `false` if it belongs to another account, or did
    /// before.
    pub async fn claim(
        &self,
        tx: &mut Tx,
        user: UserId,
        handle: &Handle,
        now: Timestamp,
    ) -> Result<bool> {
        let key = self.key_of(handle);
        if !handles::put(tx, &key, user, now).await?
            && handles::owner(&mut *tx, &key).await? != Some(user)
        {
            return Ok(false);
        }
        handles::set(tx, user, handle).await?;
        Ok(true)
    }

    /// Gives an account the first free number of a handle: `ada-2`, `ada-3`, ….
    pub async fn give_numbered(
        &self,
        tx: &mut Tx,
        user: UserId,
        base: &Handle,
        now: Timestamp,
    ) -> Result<Handle> {
        loop {
            let handle = base.numbered(self.first_free(tx, base).await?);
            // `false`: a concurrent transaction took it, and has just been committed.
            if self.claim(tx, user, &handle, now).await? {
                return Ok(handle);
            }
        }
    }

    /// A number from 2 on that is free, while the one before is not. Doubles and then halves the distance, so that the thousandth account
    /// with the same local part does not cost a thousand queries.
    async fn first_free(&self, tx: &mut Tx, base: &Handle) -> Result<u32> {
        let (mut taken, mut free) = (1, 2);
        while self.owner(&mut *tx, &base.numbered(free)).await?.is_some() {
            (taken, free) = (free, free.saturating_mul(2));
        }
        while free - taken > 1 {
            let middle = taken + (free - taken) / 2;
            match self.owner(&mut *tx, &base.numbered(middle)).await? {
                Some(_) => taken = middle,
                None => free = middle,
            }
        }
        Ok(free)
    }

    /// Whether an account of an earlier version has no handle yet.
    pub async fn any_missing(&self, db: &Db) -> Result<bool> {
        Ok(!handles::missing(db, 1).await?.is_empty())
    }

    /// Gives a handle to every account of an earlier version, oldest first, so that the older account gets the plain name. Call this under
    /// the lock of migrations: instances that do it at once would make each other repeat their transactions.
    pub async fn give_missing(&self, db: &Db, now: Timestamp) -> Result<()> {
        let mut given = 0;
        loop {
            let batch = transaction!(db, |tx| -> Result<_> {
                let batch = handles::missing(&mut *tx, BATCH).await?;
                for account in &batch {
                    self.give(tx, account.id, &account.email, now).await?;
                }
                Ok(batch.len())
            })?;
            given += batch;
            if batch < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
        if given > 0 {
            tracing::info!(given, "gave handles to accounts of an earlier version");
        }
        Ok(())
    }
}
