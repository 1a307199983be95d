//! Every role: who has it, and which apps ask for it. The guarded hosts ask for roles. Another kind of app that does so adds its [`AskingApp`]s here.

use std::collections::BTreeMap;

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::account::username::Username;
use crate::domain::gate::guarded_app::GuardedApp;
use crate::domain::paging::{MOST_COUNTED, Total, one_more};
use crate::error::Result;
use crate::repositories::user_roles::{self, CountedRole};
use crate::services::gate_requirements;

/// Roles on one page. A site has few: they are typed by hand.
pub const MOST_ROLES: usize = 100;

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
    /// When it last asked, or up to an hour before that.
    pub last_asked_at: Timestamp,
}

/// A role.
#[derive(Clone, Debug, Default)]
pub struct RoleUse {
    /// How many accounts have it.
    pub accounts: Total,
    /// The names of some of them, the oldest first.
    pub some: Vec<Username>,
    /// The apps that ask for it.
    pub asked_by: Vec<String>,
}

impl RoleUse {
    fn of(counted: CountedRole) -> Self {
        let accounts = Total::of(counted.count);
        Self { accounts, some: counted.names().collect(), asked_by: Vec::new() }
    }
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
    let counted = user_roles::counted(&app.db, "", MOST_COUNTED + 1, one_more(MOST_ROLES)).await?;
    let mut roles: BTreeMap<String, RoleUse> =
        counted.into_iter().map(|it| (it.role.to_string(), RoleUse::of(it))).collect();
    let askers = guarded_hosts(app).await?;
    for asker in &askers {
        for role in asker.asked.iter().flat_map(|it| &it.roles) {
            let role = roles.entry(role.clone()).or_default();
            if !role.asked_by.contains(&asker.name) {
                role.asked_by.push(asker.name.clone());
            }
        }
    }
    let is_cut = roles.len() > MOST_ROLES;
    while roles.len() > MOST_ROLES {
        roles.pop_last();
    }
    if is_cut {
        count_the_rest(app, &mut roles).await?;
    }
    Ok(RoleOverview { roles, is_cut, askers })
}

/// Counts the accounts of roles that apps ask for and that were not counted: the database may sort them after the others.
async fn count_the_rest(app: &App, roles: &mut BTreeMap<String, RoleUse>) -> Result<()> {
    for (name, role) in roles.iter_mut().filter(|(_, it)| it.accounts == Total::default()) {
        let found = user_roles::counted(&app.db, name, MOST_COUNTED + 1, 1).await?;
        let found = found.into_iter().find(|it| it.role.as_str() == name);
        if let Some(found) = found {
            let asked_by = std::mem::take(&mut role.asked_by);
            *role = RoleUse { asked_by, ..RoleUse::of(found) };
        }
    }
    Ok(())
}

/// The hosts that the gate guards, with what their proxies have asked for.
async fn guarded_hosts(app: &App) -> Result<Vec<AskingApp>> {
    let all = gate_requirements::all(app).await?;
    let host = |guarded: &GuardedApp| {
        let asked = all.iter().filter(|it| it.origin == guarded.origin.as_str());
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
        AskingApp { name, asked: asked.collect() }
    };
    Ok(app.config.guarded_apps.iter().map(host).collect())
}
