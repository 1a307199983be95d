//! The list of users: one statement for each order, each with its own index, so that every page costs the same.

use crate::db::{Conn, Result, query};
use crate::domain::account::user_list::{ListedUser, Order, SortKey, UserCursor, UserFilter};

/// The list in one order, using an index. `$1` to `$4` are the filters, `($5, $6)` is the account before the first one, `$7` is the limit.
/// `$bound` is the start of the range, where SQLite can't infer it.
macro_rules! listing {
    ($key:literal, $direction:literal, $after:literal, $bound:literal) => {
        concat!(
            "SELECT u.id, u.email, u.username, u.handle, u.name_key, u.created_at, u.activated_at, u.email_verified_at,
                    u.awaits_approval_since, u.disabled_at, u.last_sign_in_at,
                    EXISTS (SELECT 1 FROM totp t WHERE t.user_id = u.id) AS second_factor,
                    (SELECT STRING_AGG(r.role, ',' ORDER BY r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles
             FROM users u
             WHERE ($1 IS NULL OR u.email_key LIKE $1 ESCAPE '!' OR u.name_key LIKE $1 ESCAPE '!'
                    OR u.handle LIKE $1 ESCAPE '!')
               AND ($2 IS NULL OR $2 = CASE WHEN u.disabled_at IS NOT NULL THEN 'disabled'
                                            WHEN u.awaits_approval_since IS NOT NULL THEN 'waiting'
                                            WHEN u.email_verified_at IS NULL THEN 'unverified' ELSE 'active' END)
               AND ($3 IS NULL OR EXISTS (SELECT 1 FROM user_roles r WHERE r.user_id = u.id AND r.role = $3))
               AND ($4 IS NULL OR $4 = EXISTS (SELECT 1 FROM totp t WHERE t.user_id = u.id))
               ", $bound, " AND (", $key, ", u.id) ", $after, " ($5, $6)
             ORDER BY ", $key, " ", $direction, ", u.id ", $direction, " LIMIT $7"
        )
    };
}

/// The statement of each order.
pub const STATEMENTS: [(Order, &str); 4] = [
    (Order::Newest, listing!("u.created_at", "DESC", "<", "")),
    (Order::Name, listing!("u.name_key", "ASC", ">", "")),
    (Order::Address, listing!("u.email_key", "ASC", ">", "")),
    (
        Order::LastSignIn,
        listing!(
            "COALESCE(u.last_sign_in_at, 0)",
            "DESC",
            "<",
            "AND COALESCE(u.last_sign_in_at, 0) <= $5"
        ),
    ),
];

/// The accounts after `place`, at most `limit`.
pub async fn page(
    on: impl Into<Conn<'_>>,
    filter: &UserFilter,
    order: Order,
    place: &UserCursor,
    limit: i64,
) -> Result<Vec<ListedUser>> {
    let sql = match order {
        Order::Newest => STATEMENTS[0].1,
        Order::Name => STATEMENTS[1].1,
        Order::Address => STATEMENTS[2].1,
        Order::LastSignIn => STATEMENTS[3].1,
    };
    let query = query(on, sql)
        .bind(filter.pattern())
        .bind(filter.standing.map(|it| it.name().to_owned()))
        .bind(filter.role.clone())
        .bind(filter.second_factor);
    let query = match &place.key {
        SortKey::Time(key) => query.bind(*key),
        SortKey::Text(key) => query.bind(key.clone()),
    };
    query.bind(place.id).bind(limit).all().await
}
