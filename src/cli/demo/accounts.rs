//! The sample users, created by the same services as real ones, so that the audit log shows where they come from.

use std::collections::BTreeSet;
use std::fmt::Debug;

use serde_json::json;

use super::error::DemoError;
use super::settings::ROLE;
use crate::app::App;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::role::{self, Role};
use crate::domain::account::username::Username;
use crate::domain::id::UserId;
use crate::domain::setup_step::SetupStep;
use crate::domain::source::Source;
use crate::hasher::Asker;
use crate::services::administration::import_file::{self, Format};
use crate::services::administration::{import, role_assignment, user_lookup, user_status};
use crate::services::audit::Actor;
use crate::services::operations::setup;
use crate::services::sign_up::registration::{self, SignUp};

/// A sample user.
pub struct SampleUser {
    pub name: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub roles: &'static [&'static str],
    pub state: SampleState,
}

/// What an administrator sees in the list of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleState {
    Active,
    /// Signed up, but has not confirmed the email address.
    Unconfirmed,
    Disabled,
}

/// The fewest users that show a guarded app, the refusal of one, and what there is to administer.
pub const USERS: [SampleUser; 5] = [
    SampleUser {
        name: "Ada Lovelace",
        email: "ada@example.org",
        password: "seven brass wheels",
        roles: &[role::ADMIN, ROLE],
        state: SampleState::Active,
    },
    SampleUser {
        name: "Grace Hopper",
        email: "grace@example.org",
        password: "moth in the relay",
        roles: &[ROLE],
        state: SampleState::Active,
    },
    SampleUser {
        name: "Alan Turing",
        email: "alan@example.org",
        password: "chess by moonlight",
        roles: &[],
        state: SampleState::Active,
    },
    SampleUser {
        name: "Emmy Noether",
        email: "emmy@example.org",
        password: "rings and ideals",
        roles: &[],
        state: SampleState::Unconfirmed,
    },
    SampleUser {
        name: "Charles Babbage",
        email: "charles@example.org",
        password: "no organ grinders",
        roles: &[],
        state: SampleState::Disabled,
    },
];

impl SampleUser {
    /// The account was not created, or not changed.
    fn failed(&self, why: impl Debug) -> DemoError {
        DemoError::Users(format!("{}: {why:?}", self.email))
    }
}

/// Creates all sample users.
pub async fn create(app: &App) -> Result<(), DemoError> {
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    import_confirmed(app, actor).await?;
    for user in &USERS {
        let failed = |why| user.failed(why);
        if !user.roles.is_empty() {
            let roles: BTreeSet<Role> = user.roles.iter().flat_map(|it| Role::parse(it)).collect();
            let id = id(app, user).await?;
            role_assignment::set_roles(app, actor, id, &roles).await.map_err(failed)?;
        }
        if user.roles.contains(&role::ADMIN) {
            dismiss_setup(app, user).await?;
        }
        match user.state {
            SampleState::Active => {}
            SampleState::Unconfirmed => sign_up(app, user, &source).await?,
            SampleState::Disabled => {
                let id = id(app, user).await?;
                user_status::disable(app, actor, id).await.map_err(failed)?;
            }
        }
    }
    Ok(())
}

/// No one completes a demo: the start page shows what it shows later.
async fn dismiss_setup(app: &App, user: &SampleUser) -> Result<(), DemoError> {
    let id = id(app, user).await?;
    for step in SetupStep::ALL {
        setup::dismiss(app, id, step).await?;
    }
    Ok(())
}

/// Imports the users with a confirmed address, since only an import sets passwords and confirms addresses without emails.
async fn import_confirmed(app: &App, actor: Actor<'_>) -> Result<(), DemoError> {
    let mut lines = Vec::new();
    for user in USERS.iter().filter(|user| user.state != SampleState::Unconfirmed) {
        let line = json!({
            "email": user.email,
            "username": user.name,
            "password_hash": hash(app, user).await?,
            "verified": true,
        });
        lines.push(line.to_string());
    }
    let read = import_file::read(lines.join("\n").as_bytes(), Format::JsonLines, app.languages);
    let plan = import::plan(app, read.map_err(DemoError::Users)?).await?;
    if let Some(bad) = plan.bad.first() {
        return Err(DemoError::Users(format!("{bad:?}")));
    }
    import::carry_out(app, actor, &plan, &|_, _| ()).await?;
    Ok(())
}

async fn hash(app: &App, user: &SampleUser) -> Result<String, DemoError> {
    let context = [user.name, user.email, &app.config.site_name];
    let chosen = app.hasher.choose(Asker::server(), user.password, &context).await?;
    let password = chosen.map_err(|why| user.failed(why))?;
    Ok(app.hasher.hash(Asker::server(), &password).await?)
}

async fn id(app: &App, user: &SampleUser) -> Result<UserId, DemoError> {
    let found = user_lookup::named(app, user.email).await?;
    Ok(found.ok_or_else(|| user.failed("not found"))?.id)
}

/// Signs up like a visitor, which also sends an email.
async fn sign_up(app: &App, user: &SampleUser, source: &Source) -> Result<(), DemoError> {
    let email = EmailAddress::parse(user.email).map_err(|why| user.failed(why))?;
    let username = Username::parse(user.name).map_err(|why| user.failed(why))?;
    let sign_up = SignUp {
        username: &username,
        email: &email,
        password: user.password,
        invitation: None,
        language: None,
        source,
    };
    let signed_up = registration::register(app, &sign_up).await;
    signed_up.map(|_| ()).map_err(|why| user.failed(why))
}
