//! Administrators assign roles to accounts.

use std::collections::BTreeSet;

use crate::app::App;
use crate::domain::account::invitation::Because;
use crate::domain::account::role::Role;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::id::UserId;
use crate::error::Result;
use crate::repositories::{user_roles, users};
use crate::services::administration::act::{ActError, Unfit, must_leave_administrators, note};
use crate::services::administrators;
use crate::services::audit::Actor;
use crate::transaction;

/// Replaces the roles of an account, with effect from its next request.
pub async fn set_roles(
    app: &App,
    actor: Actor<'_>,
    id: UserId,
    roles: &BTreeSet<Role>,
) -> Result<(), ActError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        user_roles::hold_administrators(tx).await?;
        if !users::hold(tx, id).await? {
            return Err(ActError::Unknown);
        }
        let before = user_roles::of_user(&mut *tx, id).await?;
        if before == *roles {
            return Ok(());
        }
        if before.contains(&Role::admin()) && !roles.contains(&Role::admin()) {
            if actor.id == Some(id) {
                return Err(Unfit::OwnRole.into());
            }
            must_leave_administrators(tx, id).await?;
        }
        user_roles::delete_all(tx, id).await?;
        for role in roles {
            user_roles::add(tx, id, role).await?;
        }
        if !roles.contains(&Role::admin()) {
            administrators::revoke_invitations(tx, actor, id, Because::Demoted, now).await?;
        }
        let change = AuditDetail::roles_changed(roles, &before).to_string();
        note(tx, actor, Event::RolesChanged, id, Some(&change), now).await
    })
}
