//! The cursor in the query of a list's page, and the links between the pages of a list.

use std::fmt::Display;
use std::str::FromStr;

use url::form_urlencoded::{self, Serializer};

use crate::app::App;
use crate::domain::addresses::SitePath;

/// The cursor in this query. `None` for the first page, also if the text is not a cursor: an old or truncated link should show the list.
#[must_use]
pub fn cursor<C: FromStr>(query: Option<&str>, name: &str) -> Option<C> {
    let query = query.unwrap_or_default();
    let (_, text) = form_urlencoded::parse(query.as_bytes()).find(|(field, _)| field == name)?;
    text.parse().ok()
}

/// The links below a page of a list, which `list_pages.html` shows.
#[derive(Clone, Debug, Default)]
pub struct PageLinks {
    /// To the next page, if there is one.
    pub next: Option<String>,
    /// To the first page, unless this is the first page.
    pub first: Option<String>,
}

impl PageLinks {
    /// The links of a page of `list`. `filters`: the list's query without a cursor, encoded. `name`: the name of the cursor in the query.
    #[must_use]
    pub fn new(
        app: &App,
        list: impl Into<SitePath>,
        filters: &str,
        name: &str,
        is_first: bool,
        next: Option<impl Display>,
    ) -> Self {
        let path = app.config.public_url.path(list);
        let href = |cursor: Option<String>| {
            let mut query = Serializer::new(filters.to_owned());
            query.extend_pairs(cursor.map(|cursor| (name, cursor)));
            let query = query.finish();
            if query.is_empty() { path.clone() } else { format!("{path}?{query}") }
        };
        Self {
            next: next.map(|cursor| href(Some(cursor.to_string()))),
            first: (!is_first).then(|| href(None)),
        }
    }

    /// The same links, to the section of the page that has this `id`.
    #[must_use]
    pub fn in_section(self, id: &str) -> Self {
        let href = |href: String| format!("{href}#{id}");
        Self { next: self.next.map(href), first: self.first.map(href) }
    }
}
