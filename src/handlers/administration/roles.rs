//! Every role: who has it, and which apps ask for it.

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::account::role::ADMIN;
use crate::domain::addresses;
use crate::domain::paging::Total;
use crate::error::Result;
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::{self, Argument, ToArgument};
use crate::services::administration::role_overview::{
    self, AskedRoles, MOST_ROLES, RoleOverview, RoleUse,
};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;
use crate::wording::administration::counted_users;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/roles.html")]
struct View {
    page: Page,
    roles: Vec<RoleRow>,
    /// Said if there are more roles than the page shows.
    cut: Option<Localized>,
    /// Whether administrators are the only users with a role.
    is_only_admin: bool,
    apps: Vec<AppRow>,
}

/// A role as the page shows it.
struct RoleRow {
    name: String,
    /// How many users have it; `None` if no user has.
    users: Option<Localized>,
    /// The list of these users.
    list: String,
    /// The names of some of them, and how many others there are.
    some: String,
    asked_by: Vec<String>,
}

/// An app as the page shows it.
struct AppRow {
    name: String,
    rules: Vec<RuleRow>,
}

/// What an app asks for.
struct RuleRow {
    roles: Vec<String>,
    second_factor: bool,
    last_asked_at: String,
}

/// `GET /admin/roles`
pub async fn show(
    State(app): State<App>,
    _administrator: Administrator,
    page: Page,
) -> Result<Response> {
    let RoleOverview { roles, is_cut, askers } = role_overview::look(&app).await?;
    let t = &page.t;
    let apps = askers.into_iter().map(|app| AppRow {
        name: app.name,
        rules: app.asked.into_iter().map(|it| rule_row(t, it)).collect(),
    });
    let view = View {
        is_only_admin: roles.keys().all(|name| name == ADMIN),
        cut: is_cut.then(|| t.roles_cut(MOST_ROLES)),
        apps: apps.collect(),
        roles: roles.into_iter().map(|(name, it)| role_row(&app, t, name, it)).collect(),
        page,
    };
    Ok(view.into_response())
}

fn role_row(app: &App, t: &Localizer, name: String, role: RoleUse) -> RoleRow {
    let RoleUse { accounts, some, asked_by } = role;
    let mut names: Vec<Argument> = some.iter().map(|it| it.as_str().to_argument()).collect();
    let shown = i64::try_from(some.len()).unwrap_or(i64::MAX);
    match accounts {
        Total::Exactly(count) if count > shown => {
            names.push(message::roles_more(count - shown).to_argument());
        }
        Total::Exactly(_) => {}
        Total::Many => names.push(message::roles_others().to_argument()),
    }
    RoleRow {
        users: (accounts > Total::default()).then(|| t.say(&counted_users(accounts))),
        list: app.config.public_url.path(addresses::USERS.with(&[("role", &name)])),
        some: t.text(&message::list(names)),
        asked_by,
        name,
    }
}

fn rule_row(t: &Localizer, asked: AskedRoles) -> RuleRow {
    let AskedRoles { roles, second_factor, last_asked_at } = asked;
    RuleRow { roles, second_factor, last_asked_at: t.time_ago(last_asked_at) }
}
