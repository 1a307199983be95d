//! The last step of every sign-in: starts the session, and notifies the owner of an unknown browser.

use crate::app::App;
use crate::db::Tx;
use crate::domain::account::user::User;
use crate::domain::email::mail_kind::MailKind;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::known_browser::is_known;
use crate::domain::sign_in::proof::{Credential, Proof, Shown};
use crate::domain::sign_in::session_kind::SessionKind;
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::{sessions, user_credentials};
use crate::services::email::queue;
use crate::services::session::session_management::{self, Beginning, FreshToken};
use crate::services::throttle::{self, Subject};

/// The browser or program that signs in.
#[derive(Clone, Copy, Debug)]
pub struct Browser<'a> {
    /// A browser, or a program that uses the API.
    pub kind: SessionKind,
    /// Its device cookie.
    pub device: Option<&'a Device>,
    /// Its previous session, which ends.
    pub replaces: Option<SessionId>,
    /// The client.
    pub source: &'a Source,
}

/// A completed sign-in.
#[derive(Clone, Debug)]
pub struct CompletedSignIn {
    /// The user.
    pub user: UserId,
    /// The version of the credentials that were used.
    pub credential_version: i64,
    /// The first refresh token of the new session.
    pub token: FreshToken,
    /// What the user showed, for the state of the browser in which they did. A program keeps none, so its session is never proven.
    pub proof: Proof,
}

/// Starts the session, in the transaction that checked the credentials.
pub async fn begin(
    app: &App,
    tx: &mut Tx,
    user: &User,
    remember: bool,
    shown: Shown,
    browser: Browser<'_>,
) -> Result<CompletedSignIn> {
    let Browser { kind, replaces, source, .. } = browser;
    let beginning = Beginning { kind, user: user.id, remember, shown, replaces, source };
    let now = app.clock.now();
    let token = session_management::begin(app, tx, &beginning, now).await?;
    let proof = Proof::new(token.session, shown, now);
    Ok(CompletedSignIn { user: user.id, credential_version: user.credential_version, token, proof })
}

/// Starts the session of an account that was created in this transaction, in the browser where its password was chosen.
pub async fn begin_first(
    app: &App,
    tx: &mut Tx,
    user: UserId,
    replaces: Option<SessionId>,
    source: &Source,
) -> Result<CompletedSignIn> {
    let (kind, remember) = (SessionKind::Browser, false);
    let shown = Shown::of(&[Credential::Password]);
    let first = Beginning { kind, user, remember, shown, replaces, source };
    let (now, credential_version) = (app.clock.now(), 0);
    user_credentials::sign_in(tx, user, credential_version, now).await?;
    let token = session_management::begin(app, tx, &first, now).await?;
    let proof = Proof::new(token.session, shown, now);
    Ok(CompletedSignIn { user, credential_version, token, proof })
}

/// Tells the owner about a sign-in from a browser that is new to the account, by email and on the start page. `session`: the session that it
/// started, if any; the start page tells only of one. A program that signs in every minute is reported a few times a day.
pub async fn tell_of_new_device(
    app: &App,
    tx: &mut Tx,
    user: &User,
    session: Option<SessionId>,
    Browser { device, source, .. }: Browser<'_>,
) -> Result<()> {
    let counts =
        [Subject::NewSignInMail(user.id, source), Subject::NewSignInNetworkMail(user.id, source)];
    if is_known(user, device) || throttle::count_all(app, tx, &counts).await?.is_err() {
        return Ok(());
    }
    if let Some(session) = session {
        sessions::mark_new_device(tx, session).await?;
    }
    queue::notify(app, tx, MailKind::NewSignIn, user, Some(&source.user_agent), source).await
}
