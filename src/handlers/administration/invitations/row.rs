//! An invitation as the pages show it.

use crate::app::App;
use crate::domain::account::invitation::{Because, Invitation, InvitationStanding};
use crate::domain::id::{InvitationId, UserId};

/// The data of an invitation for the templates.
pub struct InvitationRow {
    pub id: InvitationId,
    pub email: Option<String>,
    pub roles: String,
    pub standing: InvitationStanding,
    pub created_at: String,
    pub expires_at: String,
    pub used_by: Option<UserId>,
    pub made_by: Option<UserId>,
    pub revoked_because: Option<&'static str>,
}

impl InvitationRow {
    pub fn of(app: &App, invitation: &Invitation) -> Self {
        let roles: Vec<&str> = invitation.roles.split(',').filter(|it| !it.is_empty()).collect();
        Self {
            id: invitation.id,
            email: invitation.email.as_ref().map(ToString::to_string),
            roles: roles.join(", "),
            standing: invitation.standing(app.clock.now()),
            created_at: invitation.created_at.to_string(),
            expires_at: invitation.expires_at.to_string(),
            used_by: invitation.used_by,
            made_by: invitation
                .created_by
                .filter(|_| invitation.revoked_because != Some(Because::Deleted)),
            revoked_because: revoked_because(invitation),
        }
    }
}

/// Why an invitation was revoked automatically. `None` if an administrator revoked it, or if it is not revoked.
fn revoked_because(invitation: &Invitation) -> Option<&'static str> {
    Some(match invitation.revoked_because {
        Some(Because::Demoted) => "the person who made it is no longer an administrator",
        Some(Because::Disabled) => "the account of the person who made it was disabled",
        Some(Because::Deleted) => "the account of the person who made it was deleted",
        Some(Because::NotMe) => "its maker reported that someone else had used their account",
        None if !invitation.maker_may => "the person who made it can no longer invite anyone",
        None => return None,
    })
}
