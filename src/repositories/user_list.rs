//! The list of users: two statements for each order, which read it in both directions by its own index, so that every page costs the same.

use crate::db::{Conn, Query, Result, query};
use crate::domain::account::user_list::{
    ListedUser, Order, SortKey, UserCursor, UserFilter, UserStanding,
};
use crate::domain::paging::Direction;

/// The state of an account, as its index has it.
macro_rules! standing {
    () => {
        "CASE WHEN u.disabled_at IS NOT NULL THEN 'disabled'
              WHEN u.awaits_approval_since IS NOT NULL THEN 'waiting'
              WHEN u.email_verified_at IS NULL THEN 'unverified' ELSE 'active' END"
    };
}

/// The condition of the filters `$1` to `$4`. Here and in the list without EXISTS, for which PostgreSQL might read the other tables as a whole.
macro_rules! filters {
    () => {
        concat!(
            "($1 IS NULL OR u.email_key LIKE $1 ESCAPE '!' OR u.name_key LIKE $1 ESCAPE '!'
                    OR u.handle LIKE $1 ESCAPE '!')
               AND ($2 IS NULL OR $2 = ", standing!(), ")
               AND ($3 IS NULL OR (SELECT r.role FROM user_roles r WHERE r.user_id = u.id AND r.role = $3) IS NOT NULL)
               AND ($4 IS NULL OR $4 = ((SELECT t.user_id FROM totp t WHERE t.user_id = u.id) IS NOT NULL))"
        )
    };
}

/// Counts the accounts in one state, at most `$1`. The state is part of the statement, so that the query planner knows how rare it is.
macro_rules! count_in {
    ($standing:literal) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM users u WHERE ",
            standing!(),
            " = '",
            $standing,
            "' LIMIT $1) counted"
        )
    };
}

/// The list in one order and direction, using an index. `($5, $6)` is the account before the first one, `$7` is the limit. `$bound` is the
/// start of the range, where SQLite can't infer it.
macro_rules! listing {
    ($key:literal, $direction:literal, $after:literal, $bound:literal) => {
        concat!(
            "SELECT u.id, u.email, u.username, u.handle, u.name_key, u.created_at, u.activated_at, u.email_verified_at,
                    u.awaits_approval_since, u.disabled_at, u.last_sign_in_at,
                    (SELECT t.user_id FROM totp t WHERE t.user_id = u.id) IS NOT NULL AS second_factor,
                    (SELECT STRING_AGG(r.role, ',' ORDER BY r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles
             FROM users u
             WHERE ", filters!(), "
               ", $bound, " AND (", $key, ", u.id) ", $after, " ($5, $6)
             ORDER BY ", $key, " ", $direction, ", u.id ", $direction, " LIMIT $7"
        )
    };
}

/// The statements of an order that is ascending.
macro_rules! ascending {
    ($key:literal) => {
        [listing!($key, "ASC", ">", ""), listing!($key, "DESC", "<", "")]
    };
}

/// The statements of each order: forward and backward.
pub const STATEMENTS: [(Order, [&str; 2]); 4] = [
    (
        Order::Newest,
        [listing!("u.created_at", "DESC", "<", ""), listing!("u.created_at", "ASC", ">", "")],
    ),
    (Order::Name, ascending!("u.name_key")),
    (Order::Address, ascending!("u.email_key")),
    (
        Order::LastSignIn,
        [
            listing!(
                "COALESCE(u.last_sign_in_at, 0)",
                "DESC",
                "<",
                "AND COALESCE(u.last_sign_in_at, 0) <= $5"
            ),
            listing!(
                "COALESCE(u.last_sign_in_at, 0)",
                "ASC",
                ">",
                "AND COALESCE(u.last_sign_in_at, 0) >= $5"
            ),
        ],
    ),
];

/// Counts the accounts that match the filters, at most `$5`.
pub const COUNT: &str =
    concat!("SELECT COUNT(*) FROM (SELECT 1 FROM users u WHERE ", filters!(), " LIMIT $5) counted");

/// Count the accounts that are active, waiting, unverified and disabled.
pub const COUNTS: [&str; 4] =
    [count_in!("active"), count_in!("waiting"), count_in!("unverified"), count_in!("disabled")];

/// The accounts beside `cursor`, at most `limit`.
pub async fn page(
    on: impl Into<Conn<'_>>,
    filter: &UserFilter,
    order: Order,
    direction: Direction,
    cursor: &UserCursor,
    limit: i64,
) -> Result<Vec<ListedUser>> {
    let [forward, backward] = match order {
        Order::Newest => STATEMENTS[0].1,
        Order::Name => STATEMENTS[1].1,
        Order::Address => STATEMENTS[2].1,
        Order::LastSignIn => STATEMENTS[3].1,
    };
    let sql = match direction {
        Direction::Forward => forward,
        Direction::Backward => backward,
    };
    let query = bind(query(on, sql), filter);
    let query = match &cursor.key {
        SortKey::Time(key) => query.bind(*key),
        SortKey::Text(key) => query.bind(key.clone()),
    };
    query.bind(cursor.id).bind(limit).all().await
}

/// Counts the accounts that match the filters, at most `most`.
pub async fn count(on: impl Into<Conn<'_>>, filter: &UserFilter, most: i64) -> Result<i64> {
    let (count,): (i64,) = bind(query(on, COUNT), filter).bind(most).one().await?;
    Ok(count)
}

/// Counts the accounts in one state, at most `most`.
pub async fn count_in(on: impl Into<Conn<'_>>, standing: UserStanding, most: i64) -> Result<i64> {
    let sql = match standing {
        UserStanding::Active => COUNTS[0],
        UserStanding::Waiting => COUNTS[1],
        UserStanding::Unverified => COUNTS[2],
        UserStanding::Disabled => COUNTS[3],
    };
    let (count,): (i64,) = query(on, sql).bind(most).one().await?;
    Ok(count)
}

/// Binds the filters `$1` to `$4`.
fn bind<'c, 'q>(query: Query<'c, 'q>, filter: &UserFilter) -> Query<'c, 'q> {
    query
        .bind(filter.pattern())
        .bind(filter.standing.map(|it| it.name().to_owned()))
        .bind(filter.role.clone())
        .bind(filter.second_factor)
}
