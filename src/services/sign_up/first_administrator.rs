//! The first administrator: as long as no account has the role `admin`, each start of the server prints a link that makes one.
//!
//! A disabled administrator counts as one, because the command line enables the account again. A sign-up that has the role but is
//! unconfirmed or awaiting approval does not: it may never become an account.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::domain::account::email::EmailAddress;
use crate::domain::account::first_administrator::FirstAdministratorLink;
use crate::domain::account::role::Role;
use crate::domain::account::username::Username;
use crate::domain::addresses;
use crate::domain::audit_event::{Event, Outcome};
use crate::domain::email::one_time_token::OneTimeToken;
use crate::domain::id::{FirstAdministratorLinkId, SessionId, UserId};
use crate::domain::sign_in::password::InvalidPassword;
use crate::domain::source::Source;
use crate::error::{Error, Result, from_db_error};
use crate::repositories::users::{self, NewUser};
use crate::repositories::{first_administrator_links, passwords, user_roles};
use crate::secret::{self, Secret};
use crate::services::audit;
use crate::services::former_address;
use crate::services::sign_in::completion::{self, CompletedSignIn};
use crate::services::sign_in::hash_timing;
use crate::services::sign_in::new_passwords::{self, ChooseError};
use crate::services::sign_up::pending;
use crate::transaction;

/// The link to print.
#[derive(Clone, Debug)]
pub struct PrintedLink {
    /// The URL.
    pub url: Secret<String>,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// The link to print at the start, unless there is an administrator. Instances that start at the same time get the same link, and so
/// does a later start until the link expires.
pub async fn link_to_print(app: &App) -> Result<Option<PrintedLink>> {
    let now = app.clock.now();
    if user_roles::has_administrator(&app.db).await?
        && first_administrator_links::find(&app.db).await?.is_none()
    {
        return Ok(None);
    }
    let found = transaction!(app.db, |tx| -> Result<_> {
        if user_roles::has_administrator(&mut *tx).await? {
            // The link must not work again if this administrator is deleted.
            if let Some(unused) = first_administrator_links::find(&mut *tx).await? {
                first_administrator_links::delete(tx, unused.id).await?;
            }
            return Ok(None);
        }
        first_administrator_links::put(tx, FirstAdministratorLinkId::new(now), now).await?;
        let found = first_administrator_links::find(&mut *tx).await?;
        let Some(expired) = found.as_ref().filter(|link| !link.is_live(now)) else {
            return Ok(found);
        };
        let new = FirstAdministratorLinkId::new(now);
        first_administrator_links::replace(tx, expired.id, new, now).await?;
        Ok(first_administrator_links::find(&mut *tx).await?)
    })?;
    Ok(found.map(|link| {
        let path = addresses::FIRST_ADMINISTRATOR.of(token(app, &link).reveal());
        let url = Secret::new(app.config.public_url.link(path));
        PrintedLink { url, expires_at: link.expires_at() }
    }))
}

fn token(app: &App, link: &FirstAdministratorLink) -> OneTimeToken {
    OneTimeToken::of_first_administrator(&app.secrets.first_administrator, link.id)
}

/// The state of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It makes the first administrator.
    Open,
    /// It was not used, but there is an administrator.
    Superseded,
    /// It is unknown, used or expired.
    Dead,
}

/// The state of the link with this token. Changes nothing.
pub async fn state(app: &App, presented: &OneTimeToken) -> Result<LinkState> {
    if live_link(app, &app.db, presented).await?.is_none() {
        return Ok(LinkState::Dead);
    }
    let has_one = user_roles::has_administrator(&app.db).await?;
    Ok(if has_one { LinkState::Superseded } else { LinkState::Open })
}

async fn live_link(
    app: &App,
    on: impl Into<Conn<'_>>,
    presented: &OneTimeToken,
) -> Result<Option<FirstAdministratorLink>> {
    let now = app.clock.now();
    let found = first_administrator_links::find(on).await?;
    let is_this = |link: &FirstAdministratorLink| {
        link.is_live(now) && secret::is_same(&token(app, link).hash(), &presented.hash())
    };
    Ok(found.filter(is_this))
}

/// The account that the visitor wants.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "contains a password")]
pub struct NewAdministrator<'a> {
    /// The display name.
    pub username: &'a Username,
    /// Counts as confirmed: who has the link runs the server.
    pub email: &'a EmailAddress,
    /// As entered, not yet checked against the policy.
    pub password: &'a str,
    /// The code of the page's language.
    pub language: Option<&'a str>,
    /// The browser's previous session, which ends.
    pub replaces: Option<SessionId>,
    /// The client.
    pub source: &'a Source,
}

/// Why no administrator was created.
#[derive(Debug, thiserror::Error)]
pub enum FirstAdministratorError {
    /// The link is unknown, used or expired, or there is an administrator.
    #[error("the link does not work")]
    InvalidLink,
    /// There is an account with this address.
    #[error("the address is taken")]
    Taken,
    /// An account was moved away from this address, and can be moved back.
    #[error("the address is reserved")]
    Reserved,
    /// The password is too short, too long or too easy to guess.
    #[error("the password is refused")]
    Password(InvalidPassword),
    /// Too many sign-ups. Contains the time to wait.
    #[error("too many sign-ups")]
    TooMany(Duration),
    /// An unexpected error.
    #[error(transparent)]
    Failed(#[from] Error),
}

from_db_error!(FirstAdministratorError);

impl From<ChooseError> for FirstAdministratorError {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Invalid(why) => Self::Password(why),
            ChooseError::TooMany(wait) => Self::TooMany(wait),
            ChooseError::Failed(error) => Self::Failed(error),
        }
    }
}

/// Creates the first administrator, uses up the link, and signs in. `REGISTRATION` does not matter.
pub async fn create(
    app: &App,
    presented: &OneTimeToken,
    new: &NewAdministrator<'_>,
) -> Result<CompletedSignIn, FirstAdministratorError> {
    let NewAdministrator { username, email, password, source, .. } = *new;
    let hash = new_passwords::hash_for_sign_up(app, password, username, email, source).await?;
    let now = app.clock.now();
    let id = UserId::new(now);
    let signed_in = transaction!(app.db, |tx| -> Result<_, FirstAdministratorError> {
        let link = live_link(app, &mut *tx, presented).await?;
        let link = link.ok_or(FirstAdministratorError::InvalidLink)?;
        // Of parallel requests, one deletes the link. The others wait for it, and then find that the link is gone.
        if !first_administrator_links::delete(tx, link.id).await?
            || user_roles::has_administrator(&mut *tx).await?
        {
            return Err(FirstAdministratorError::InvalidLink);
        }
        hash_timing::note(tx, &hash, now).await?;
        store(tx, id, new, &hash, now).await?;
        app.handles.give(tx, id, new.email, now).await?;
        user_roles::add(tx, id, &Role::admin()).await?;
        let event = Event::FirstAdministratorCreated;
        audit::record(tx, event, Outcome::Success, Some(id), source, now).await?;
        Ok(completion::begin_first(app, tx, id, new.replaces, source).await?)
    })?;
    hash_timing::count(app, None, &hash);
    Ok(signed_in)
}

/// Stores the account. It replaces an unconfirmed sign-up with its address, and never an account.
async fn store(
    tx: &mut Tx,
    id: UserId,
    new: &NewAdministrator<'_>,
    hash: &str,
    now: Timestamp,
) -> Result<(), FirstAdministratorError> {
    let key = new.email.key();
    pending::forget(tx, &key).await?;
    if former_address::reserved(&mut *tx, &key, now).await?.is_some() {
        return Err(FirstAdministratorError::Reserved);
    }
    let user = NewUser {
        id,
        email: new.email,
        username: new.username,
        activated_at: Some(now),
        email_verified_at: Some(now),
        invitation: None,
        language: new.language,
    };
    if !users::put(tx, &user, now).await? {
        return Err(FirstAdministratorError::Taken);
    }
    Ok(passwords::put(tx, id, hash, now).await?)
}
