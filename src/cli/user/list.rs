//! `authflow user list`

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::Value;

use super::error::CommandError;
use super::json::to_json;
use crate::app::App;
use crate::domain::account::user_list::{ListedUser, Order, UserFilter, UserStanding};
use crate::services::administration::user_lookup;

/// Accounts per query.
const BATCH: usize = 500;

#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only accounts whose email address, name or handle contains this text.
    #[arg(long, default_value = "")]
    search: String,
    /// Only accounts with this status.
    #[arg(long, value_parser = one_of(UserStanding::ALL.map(UserStanding::name), UserStanding::named))]
    status: Option<UserStanding>,
    /// Only accounts with this role.
    #[arg(long)]
    role: Option<String>,
    /// Only accounts with (true) or without (false) two-factor authentication.
    #[arg(long)]
    second_factor: Option<bool>,
    /// The order.
    #[arg(long, default_value = "newest", value_parser = one_of(Order::ALL.map(Order::name), Order::named))]
    sort: Order,
    /// The largest number of accounts to list.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Parses one of the names; the help lists all of them.
fn one_of<T: Clone + Send + Sync + 'static, const N: usize>(
    names: [&'static str; N],
    parse: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names).try_map(move |name| parse(&name).ok_or("is none of them"))
}

pub async fn run(app: &App, arguments: ListArguments) -> Result<(), CommandError> {
    let ListArguments { search, status, role, second_factor, sort, limit, json } = arguments;
    let filter = UserFilter { search, standing: status, role, second_factor };
    let mut place = sort.start();
    let mut left = limit;
    let mut all = Vec::new();
    let mut is_all = false;
    while left > 0 {
        let page = user_lookup::after(app, &filter, sort, &place, left.min(BATCH)).await?;
        left -= page.rows.len();
        all.extend(page.rows);
        let Some(next) = page.next else {
            is_all = true;
            break;
        };
        place = next;
    }
    if json {
        println!("{}", Value::Array(all.iter().map(to_json).collect()));
    } else if all.is_empty() {
        println!("No accounts match.");
    } else {
        all.iter().for_each(print);
    }
    if !is_all {
        let these = if limit == 1 {
            "more accounts than this one"
        } else {
            &format!("more than these {limit} accounts")
        };
        eprintln!("There are {these}. --limit shows more.");
    }
    Ok(())
}

fn print(user: &ListedUser) {
    let roles: Vec<&str> = user.roles().collect();
    let roles = if roles.is_empty() { String::new() } else { format!("  [{}]", roles.join(", ")) };
    let handle = user.handle.as_ref().map_or(String::new(), |handle| format!("  {handle}"));
    let factor = if user.second_factor { "  two-factor" } else { "" };
    println!(
        "{}  {:<10}  {}{handle}  {}{roles}{factor}",
        user.id,
        user.standing().name(),
        user.email,
        user.username
    );
}
