//! Administrators create accounts.

use std::collections::BTreeSet;

use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::role::Role;
use crate::domain::account::username::Username;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::user_roles;
use crate::repositories::users::{self, NewUser};
use crate::services::administration::act::{ActError, Unfit, note};
use crate::services::audit::Actor;
use crate::services::former_address;
use crate::services::sign_up::pending;
use crate::transaction;

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// Starts out unconfirmed.
    pub email: &'a EmailAddress,
    /// The display name.
    pub username: &'a Username,
    /// May be empty.
    pub roles: &'a BTreeSet<Role>,
}

/// Creates an account without a password. Its owner sets one with a reset link.
pub async fn create(app: &App, actor: Actor<'_>, new: &NewAccount<'_>) -> Result<UserId, ActError> {
    let (now, key) = (app.clock.now(), new.email.key());
    let id = UserId::new(now);
    let user = NewUser {
        id,
        email: new.email,
        username: new.username,
        activated_at: Some(now),
        email_verified_at: None,
        invitation: None,
        language: None,
    };
    transaction!(app.db, |tx| -> Result<_, ActError> {
        pending::forget(tx, &key).await?;
        if former_address::reserved(&mut *tx, &key, now).await?.is_some() {
            return Err(Unfit::AddressReserved.into());
        }
        if !users::put(tx, &user, now).await? {
            return Err(Unfit::AddressTaken.into());
        }
        app.handles.give(tx, id, new.email, now).await?;
        for role in new.roles {
            user_roles::add(tx, id, role).await?;
        }
        let roles = AuditDetail::roles(new.roles).to_string();
        note(tx, actor, Event::UserCreated, id, Some(&roles), now).await
    })?;
    Ok(id)
}
