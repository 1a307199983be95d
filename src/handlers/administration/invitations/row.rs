//! An invitation as the pages show it.

use crate::app::App;
use crate::domain::account::invitation::{Because, Invitation, InvitationStanding};
use crate::domain::id::{InvitationId, UserId};
use crate::domain::stored::Stored;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::{self, Message};
use crate::web::pages::list_pages::When;

/// The data of an invitation for the templates.
pub struct InvitationRow {
    pub id: InvitationId,
    pub email: Option<String>,
    pub roles: String,
    /// The name of its language.
    pub language: Option<&'static str>,
    pub standing: InvitationStanding,
    pub created_at: When,
    pub expires_at: When,
    pub used_by: Option<UserId>,
    pub made_by: Option<UserId>,
    pub revoked_because: Option<Localized>,
}

impl InvitationRow {
    pub fn of(app: &App, t: &Localizer, invitation: &Invitation) -> Self {
        let roles = invitation.roles.split(',').filter(|it| !it.is_empty());
        let language = invitation.language.as_deref().and_then(|code| app.languages.find(code));
        Self {
            id: invitation.id,
            email: invitation.email.as_ref().map(ToString::to_string),
            roles: t.text(&message::list(roles)),
            language: language.map(|it| it.name.as_str()),
            standing: invitation.standing(app.clock.now()),
            created_at: When::new(t, invitation.created_at),
            expires_at: When::at(t, invitation.expires_at),
            used_by: invitation.used_by,
            made_by: invitation
                .created_by
                .filter(|_| because(invitation) != Some(Because::Deleted)),
            revoked_because: revoked_because(invitation).map(|why| t.say(&why)),
        }
    }
}

/// Why an invitation was revoked automatically. `None` if an administrator revoked it, or if it is not revoked.
fn revoked_because(invitation: &Invitation) -> Option<Message> {
    match because(invitation) {
        Some(because) => Some(because.into()),
        None if !invitation.maker_may => Some(message::invitation_revoked_may_not()),
        None => None,
    }
}

/// The reason, if this version knows it.
fn because(invitation: &Invitation) -> Option<Because> {
    invitation.revoked_because.as_ref().and_then(Stored::known)
}
