//! Every role: who has it, and which apps ask for it. At present the guarded hosts ask for roles; whatever else does adds its [`AskingApp`]s here.

use std::collections::BTreeMap;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::role::Role;
use crate::domain::account::username::Username;
use crate::error::Result;
use crate::repositories::user_roles;
use crate::services::gate_requirements;

/// Roles on one page. A site has few: they are typed by hand.
pub const MOST_ROLES: usize = 100;
/// How many accounts are named for each role.
const NAMED: usize = 3;

/// An app that asks for roles.
#[derive(Clone, Debug)]
pub struct AskingApp {
    /// Its origin.
    pub name: String,
    /// What it asks for, the latest first. Empty if it has not asked yet.
    pub asked: Vec<AskedRoles>,
}

/// What an app asks for.
#[derive(Clone, Debug)]
pub struct AskedRoles {
    /// Any of these roles. Empty: every user.
    pub roles: Vec<String>,
    /// Whether two-factor authentication is required.
    pub second_factor: bool,
    /// When it last asked, to the hour.
    pub last_asked_at: Timestamp,
}

/// A role.
#[derive(Clone, Debug, Default)]
pub struct RoleUse {
    /// How many accounts have it.
    pub accounts: i64,
    /// The names of some of them, the oldest first.
    pub some: Vec<Username>,
    /// The apps that ask for it.
    pub asked_by: Vec<String>,
}

/// All roles and the apps that ask for them.
#[derive(Clone, Debug)]
pub struct RoleOverview {
    /// By name: the roles that accounts have, and those that apps ask for.
    pub roles: BTreeMap<String, RoleUse>,
    /// Whether there are more roles than [`MOST_ROLES`].
    pub is_cut: bool,
    /// The apps.
    pub askers: Vec<AskingApp>,
}

/// Looks at all roles.
pub async fn look(app: &App) -> Result<RoleOverview> {
    let limit = i64::try_from(MOST_ROLES + 1).unwrap_or(i64::MAX);
    let mut counted = user_roles::counted(&app.db, limit).await?;
    let is_cut = counted.len() > MOST_ROLES;
    counted.truncate(MOST_ROLES);
    let mut roles = BTreeMap::new();
    for (role, accounts) in counted {
        let some = some_with(app, &role).await?;
        roles.insert(role.to_string(), RoleUse { accounts, some, asked_by: Vec::new() });
    }
    let askers = guarded_hosts(app).await?;
    for asker in &askers {
        for role in asker.asked.iter().flat_map(|it| &it.roles) {
            let role = roles.entry(role.clone()).or_default();
            if !role.asked_by.contains(&asker.name) {
                role.asked_by.push(asker.name.clone());
            }
        }
    }
    Ok(RoleOverview { roles, is_cut, askers })
}

async fn some_with(app: &App, role: &Role) -> Result<Vec<Username>> {
    let limit = i64::try_from(NAMED).unwrap_or(i64::MAX);
    Ok(user_roles::some_with(&app.db, role, limit).await?)
}

/// The hosts that the gate guards, with what their proxies have asked for.
async fn guarded_hosts(app: &App) -> Result<Vec<AskingApp>> {
    let mut hosts = Vec::new();
    for guarded in &app.config.guarded_apps {
        let asked = gate_requirements::of(app, &guarded.origin).await?.into_iter();
        let asked = asked.map(|it| AskedRoles {
            roles: it.requirement.roles().map(ToOwned::to_owned).collect(),
            second_factor: it.requirement.second_factor,
            last_asked_at: it.last_asked_at,
        });
        // Two apps may have the same name.
        let name = match &guarded.name {
            Some(name) => format!("{name} ({})", guarded.origin.authority()),
            None => guarded.origin.to_string(),
        };
        hosts.push(AskingApp { name, asked: asked.collect() });
    }
    Ok(hosts)
}
