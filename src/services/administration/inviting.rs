//! Administrators create, list and revoke invitations. Each is for one sign-up; `sign_up::by_invitation` accepts it.

use std::collections::BTreeSet;
use std::time::Duration;

use uuid::Uuid;

use crate::app::App;
use crate::config::Registration;
use crate::db::Conn;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::invitation::{Invitation, ListedInvitation};
use crate::domain::account::role::Role;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::domain::audit_detail::AuditDetail;
use crate::domain::audit_event::Event;
use crate::domain::email::mail_kind::MailKind;
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::id::InvitationId;
use crate::domain::paging::{PageOf, PageRequest};
use crate::error::Result;
use crate::repositories::{invitations, users};
use crate::secret::Secret;
use crate::services::administration::act::{ActError, Unfit};
use crate::services::audit::{self, Actor};
use crate::services::email::queue::{self, Recipient};
use crate::transaction;

/// An invitation to create.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    /// The only address that may sign up with it. `None`: anyone with the link may.
    pub email: Option<&'a EmailAddress>,
    /// Whether to email the link to that address.
    pub by_mail: bool,
    /// The roles of the new account.
    pub roles: &'a BTreeSet<Role>,
    /// How long until it expires.
    pub lasts: Duration,
    /// The code of the language of its email and its sign-up.
    pub language: &'a str,
}

/// Creates an invitation.
pub async fn invite(
    app: &App,
    actor: Actor<'_>,
    new: &NewInvitation<'_>,
) -> Result<InvitationId, ActError> {
    if app.config.registration == Registration::Closed {
        return Err(Unfit::RegistrationClosed.into());
    }
    let now = app.clock.now();
    let roles = new.roles.iter().map(Role::as_str).collect::<Vec<_>>().join(",");
    let id = InvitationId::new(now);
    let invitation = Invitation {
        id,
        email: new.email.cloned(),
        roles,
        language: Some(new.language.to_owned()),
        created_at: now,
        created_by: actor.id,
        expires_at: now.after(new.lasts),
        revoked_at: None,
        revoked_because: None,
        maker_may: true,
        used_at: None,
        used_by: None,
    };
    let token = token(app, id);
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if let Some(email) = new.email {
            let known = users::find_by_email(&mut *tx, &email.key()).await?;
            if known.is_some_and(|user| !user.is_pending()) {
                return Err(Unfit::AddressTaken.into());
            }
        }
        invitations::put(tx, &invitation, &token).await?;
        if let Some(email) = new.email.filter(|_| new.by_mail) {
            let inviter = maker(&mut *tx, &invitation).await?;
            let inviter = inviter.as_ref().map(Username::as_str);
            let to = Recipient::Invited { address: email, language: new.language, inviter };
            let (kind, detail, source) = (MailKind::Invitation, id.to_string(), actor.source);
            queue::put(app, tx, kind, to, Some(&detail), source).await?;
        }
        let detail = AuditDetail::roles(new.roles).to_string();
        audit::put(tx, &actor.act(Event::InvitationCreated, None, Some(&detail)), now).await?;
        Ok(())
    })?;
    Ok(id)
}

/// A page of the invitations, newest first.
pub async fn page(app: &App, request: PageRequest<Uuid>) -> Result<PageOf<ListedInvitation, Uuid>> {
    let read = |direction, beside, limit| invitations::page(&app.db, direction, beside, limit);
    let cursor = |it: &ListedInvitation| it.invitation.id.0;
    let found = PageOf::find(request, Uuid::max(), cursor, read).await?;
    Ok(found.counted(async |most| invitations::count(&app.db, most).await).await?)
}

/// The invitation with this ID, whatever its state.
pub async fn find(app: &App, id: InvitationId) -> Result<Option<Invitation>> {
    Ok(invitations::find(&app.db, id).await?)
}

/// The name of the administrator who created an invitation. `None` if it was created on the command line, or the account is deleted.
pub async fn maker_of(app: &App, invitation: &Invitation) -> Result<Option<Username>> {
    maker(&app.db, invitation).await
}

async fn maker(on: impl Into<Conn<'_>>, invitation: &Invitation) -> Result<Option<Username>> {
    let Some(id) = invitation.created_by else { return Ok(None) };
    Ok(users::find(on, id).await?.map(|user| user.username))
}

fn token(app: &App, id: InvitationId) -> OneTimeToken {
    OneTimeToken::of_invitation(&app.secrets.invitation, id)
}

/// The link, for the administrator to hand over.
#[must_use]
pub fn link(app: &App, id: InvitationId) -> Secret<String> {
    let path = addresses::INVITATION.of(token(app, id).reveal());
    Secret::new(app.config.public_url.link(path))
}

/// Revokes an invitation. Its unconfirmed sign-ups can no longer become accounts.
pub async fn revoke(app: &App, actor: Actor<'_>, id: InvitationId) -> Result<(), ActError> {
    let now = app.clock.now();
    transaction!(app.db, |tx| -> Result<_, ActError> {
        if invitations::find(&mut *tx, id).await?.is_none() {
            return Err(ActError::Unknown);
        }
        if !invitations::revoke(tx, id, now).await? {
            return Err(Unfit::InvitationOver.into());
        }
        let id = id.to_string();
        audit::put(tx, &actor.act(Event::InvitationRevoked, None, Some(&id)), now).await?;
        Ok(())
    })
}
