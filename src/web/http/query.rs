//! Queries that choose what a page shows.

use url::form_urlencoded;

/// Whether the query has this field with the value `on`.
#[must_use]
pub fn is_on(query: Option<&str>, field: &str) -> bool {
    let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    fields.any(|it| it == (field.into(), "on".into()))
}
