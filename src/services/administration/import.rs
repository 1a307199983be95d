//! Importing accounts. All problems are found before the first account is written.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::handle::Handle;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::id::UserId;
use crate::domain::sign_in::hash_cost::HashCost;
use crate::error::Result;
use crate::repositories::user_batches;
use crate::repositories::users::{self, NewUser};
use crate::repositories::{email_changes, passwords, user_roles};
use crate::services::administration::import_file::{BadLine, Candidate, Read};
use crate::services::audit::{self, Actor};
use crate::services::former_address;
use crate::services::sign_in::hash_timing;
use crate::services::sign_up::pending;
use crate::transaction;

/// Accounts per transaction. Small, because sign-ins may have to wait for a transaction to end.
const BATCH: usize = 250;
/// Existing accounts per query.
const LOOK_UP: i64 = 5_000;

/// What an import would do.
#[expect(missing_debug_implementations, reason = "contains password hashes")]
pub struct Plan {
    /// New accounts.
    pub new: Vec<NewImport>,
    /// How many accounts already exist. The import does not change them.
    pub already_there: u64,
    /// Problems, by line.
    pub bad: Vec<BadLine>,
}

/// An account to import.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains a password hash")]
pub struct NewImport {
    candidate: Candidate,
    /// Whether an unconfirmed sign-up has its address.
    replaces_sign_up: bool,
}

/// Compares a file with the existing accounts.
pub async fn plan(app: &App, read: Read) -> Result<Plan> {
    let now = app.clock.now();
    let Read { candidates, mut bad } = read;
    let (mut by_email, mut by_id) = (HashMap::new(), HashMap::new());
    let mut waiting = HashSet::new();
    let mut after = UserId(Uuid::nil());
    loop {
        let known = user_batches::known_after(&app.db, after, LOOK_UP).await?;
        let Some(last) = known.last() else { break };
        after = last.id;
        for user in known {
            by_id.insert(user.id, user.email_key.clone());
            if user.activated_at.is_some() {
                by_email.insert(user.email_key, user.id);
            } else {
                waiting.insert(user.email_key); // the import replaces it
            }
        }
    }
    let reserved = email_changes::departed(&app.db, former_address::since(now)).await?;
    let named = candidates.iter().filter_map(|candidate| candidate.handle.as_ref());
    let owners = app.handles.owners(&app.db, named).await?;
    let mut already_there = 0;
    let mut new = Vec::new();
    for candidate in candidates {
        let key = candidate.email.key();
        let line = candidate.line;
        match by_email.get(&key) {
            Some(id) if candidate.id.is_none_or(|own| own == *id) => already_there += 1,
            Some(id) => {
                let problem = format!("This address already has an account, with the id {id}.");
                bad.push(BadLine::of(line, "id", problem));
            }
            None if candidate.id.is_some_and(|id| by_id.contains_key(&id)) => {
                let problem = "This id already belongs to an account with another address.";
                bad.push(BadLine::of(line, "id", problem));
            }
            None if reserved.contains(&key) => {
                let problem = "This address belonged to an account until recently, and its owner can still undo that change.";
                bad.push(BadLine::of(line, "email", problem));
            }
            None if is_handle_taken(&owners, &candidate) => {
                let problem = "This handle belongs to another account, or did before.";
                bad.push(BadLine::of(line, "handle", problem));
            }
            None => new.push(NewImport { candidate, replaces_sign_up: waiting.contains(&key) }),
        }
    }
    bad.sort_by_key(|bad| bad.line);
    // Those that name their handle come first, so that no other line gets it from its address.
    new.sort_by_key(|new| new.candidate.handle.is_none());
    Ok(Plan { new, already_there, bad })
}

/// Whether another account has the handle of a line or had it before. An account that comes back with its ID gets its own handle.
fn is_handle_taken(owners: &HashMap<Handle, UserId>, candidate: &Candidate) -> bool {
    let owner = candidate.handle.as_ref().and_then(|handle| owners.get(handle));
    owner.is_some_and(|owner| Some(*owner) != candidate.id)
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Imported {
    /// New accounts.
    pub imported: u64,
    /// Accounts that already existed, including those created during the import.
    pub already_there: u64,
}

/// Writes the new accounts. If interrupted, every written account is complete, and the same file can be imported again.
pub async fn carry_out(
    app: &App,
    actor: Actor<'_>,
    plan: &Plan,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Imported> {
    let total = u64::try_from(plan.new.len()).unwrap_or(u64::MAX);
    let mut done = Imported { imported: 0, already_there: plan.already_there };
    for batch in plan.new.chunks(BATCH) {
        let now = app.clock.now();
        let hashes = batch.iter().filter_map(|new| new.candidate.password_hash.as_deref());
        let by_cost: BTreeMap<_, _> =
            hashes.filter_map(|hash| Some((HashCost::of(hash)?, hash))).collect();
        let (added, late) = transaction!(app.db, |tx| -> Result<_> {
            for hash in by_cost.values() {
                hash_timing::note(tx, hash, now).await?;
            }
            let (mut added, mut late) = (0, 0);
            for new in batch {
                if write(app, tx, actor, new, now).await? {
                    added += 1;
                } else {
                    late += 1;
                }
            }
            Ok((added, late))
        })?;
        done.imported += added;
        done.already_there += late;
        progress(done.imported, total);
    }
    let (now, detail) = (app.clock.now(), AuditDetail::Accounts(done.imported).to_string());
    let act = actor.act(Event::UsersImported, None, Some(&detail));
    transaction!(app.db, |tx| -> Result<_> { audit::put(tx, &act, now).await })?;
    Ok(done)
}

/// `false`: a visitor has signed up with the address since the plan was made.
async fn write(
    app: &App,
    tx: &mut Tx,
    actor: Actor<'_>,
    new: &NewImport,
    now: Timestamp,
) -> Result<bool> {
    let NewImport { candidate: new, replaces_sign_up } = new;
    if *replaces_sign_up {
        pending::forget(tx, &new.email.key()).await?;
    }
    let id = new.id.unwrap_or_else(|| UserId::new(now));
    let user = NewUser {
        id,
        email: &new.email,
        username: &new.username,
        activated_at: Some(now),
        email_verified_at: new.verified.then_some(now),
        invitation: None,
        language: None,
    };
    if !users::put(tx, &user, now).await? {
        return Ok(false);
    }
    users::set_preferences(tx, id, &new.preferences).await?;
    if let Some(hash) = &new.password_hash {
        passwords::put(tx, id, hash, now).await?;
    }
    match &new.handle {
        // A visitor has signed up since the plan was made and got this handle.
        Some(handle) if !app.handles.claim(tx, id, handle, now).await? => {
            app.handles.give_numbered(tx, id, handle, now).await?;
        }
        Some(_) => {}
        None => {
            app.handles.give(tx, id, &new.email, now).await?;
        }
    }
    for role in &new.roles {
        user_roles::add(tx, id, role).await?;
    }
    let act = actor.act(Event::UserImported, Some(id), None);
    audit::put_quietly(tx, &act, now).await?;
    Ok(true)
}
