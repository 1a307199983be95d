//! The list of users, with search, filters, sort order and pages.

use std::collections::BTreeMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::domain::account::user_list::{ListedUser, Order, UserCursor, UserFilter, UserStanding};
use crate::domain::addresses;
use crate::domain::id::UserId;
use crate::domain::typed_text;
use crate::error::Result;
use crate::i18n::localizer::Localizer;
use crate::services::administration::user_lookup;
use crate::services::sign_up::approvals;
use crate::web::pages::list_pages::{ListAddress, ListPages, When, request_by};
use crate::web::pages::page::Page;
use crate::web::visitor::identity::Administrator;

#[derive(Template, WebTemplate)]
#[template(path = "pages/administration/users.html")]
struct View {
    page: Page,
    filter: UserFilter,
    order: Order,
    roles: Vec<String>,
    users: Vec<Listed>,
    /// The number of accounts that await approval; 0 if the list is filtered to show exactly those.
    waiting: i64,
    /// Whether the list is filtered.
    is_filtered: bool,
    pages: ListPages,
}

impl View {
    fn is_status(&self, name: &str) -> bool {
        self.filter.standing.map_or("", UserStanding::name) == name
    }

    fn is_order(&self, name: &str) -> bool {
        self.order.name() == name
    }

    fn is_role(&self, name: &str) -> bool {
        self.filter.role.as_deref().unwrap_or_default() == name
    }

    fn is_second_factor(&self, name: &str) -> bool {
        second_factor_name(self.filter.second_factor) == name
    }
}

/// An account as the page shows it.
struct Listed {
    id: UserId,
    username: String,
    handle: Option<String>,
    email: String,
    standing: UserStanding,
    second_factor: bool,
    roles: Vec<String>,
    joined: When,
    last_sign_in: Option<When>,
}

/// `GET /admin/users`: the users that match the query. Invalid parameters are ignored.
pub async fn show(
    State(app): State<App>,
    _administrator: Administrator,
    page: Page,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let (filter, order) = read(query.as_deref().unwrap_or_default());
    let request = request_by(query.as_deref(), "", |text| UserCursor::parse(order, text));
    let size = request.size;
    let found = user_lookup::page(&app, &filter, order, request).await?;
    let mut roles: Vec<String> =
        user_lookup::roles(&app).await?.iter().map(ToString::to_string).collect();
    roles.extend(filter.role.clone().filter(|role| !roles.contains(role)));
    let waiting = match filter.standing {
        Some(UserStanding::Waiting) => None,
        _ => approvals::waiting(&app).await?,
    };
    let query = query_of(&filter, order);
    let list = ListAddress { filters: &query, ..ListAddress::default() };
    let view = View {
        waiting: waiting.map_or(0, |it| it.count),
        users: found.rows.iter().map(|it| listed(&page.t, it)).collect(),
        is_filtered: filter != UserFilter::default(),
        pages: ListPages::new(&app, &page.t, addresses::USERS, list, size, &found),
        page,
        filter,
        order,
        roles,
    };
    Ok(view.into_response())
}

/// Reads the filters and the sort order.
fn read(query: &str) -> (UserFilter, Order) {
    let fields: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.get(name).map(|it| it.trim()).filter(|it| !it.is_empty());
    let filter = UserFilter {
        search: field("search").unwrap_or_default().to_owned(),
        standing: field("status").and_then(UserStanding::named),
        role: field("role").map(typed_text::visible),
        second_factor: match field("second_factor") {
            Some("on") => Some(true),
            Some("off") => Some(false),
            _ => None,
        },
    };
    (filter, field("sort").and_then(Order::named).unwrap_or_default())
}

fn second_factor_name(second_factor: Option<bool>) -> &'static str {
    match second_factor {
        None => "",
        Some(true) => "on",
        Some(false) => "off",
    }
}

/// The query of the list without its page.
fn query_of(filter: &UserFilter, order: Order) -> String {
    let fields = [
        ("search", filter.search.as_str()),
        ("status", filter.standing.map_or("", UserStanding::name)),
        ("role", filter.role.as_deref().unwrap_or_default()),
        ("second_factor", second_factor_name(filter.second_factor)),
        ("sort", if order == Order::default() { "" } else { order.name() }),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    query.finish()
}

fn listed(t: &Localizer, user: &ListedUser) -> Listed {
    Listed {
        id: user.id,
        standing: user.standing(),
        second_factor: user.second_factor,
        roles: user.roles().map(ToOwned::to_owned).collect(),
        username: user.username.to_string(),
        handle: user.handle.as_ref().map(ToString::to_string),
        email: user.email.to_string(),
        joined: When::day(t, user.created_at),
        last_sign_in: user.last_sign_in_at.map(|at| When::new(t, at)),
    }
}
