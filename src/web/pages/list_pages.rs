//! Which page of a list the query asks for, and what a page of a list shows besides its rows.

use std::fmt::Display;
use std::str::FromStr;

use url::form_urlencoded::{self, Serializer};

use crate::app::App;
use crate::clock::Timestamp;
use crate::domain::addresses::SitePath;
use crate::domain::paging::{MOST_COUNTED, PAGE_SIZES, PageOf, PageRequest, Position, Total};
use crate::i18n::localized::Localized;
use crate::i18n::localizer::Localizer;

/// The names in the query: where the page is, and how many rows it has.
const AFTER: &str = "after";
const BEFORE: &str = "before";
const PER_PAGE: &str = "per_page";

/// The page that this query asks for. Text that is not a cursor means the first page: an old or truncated link should show the list.
#[must_use]
pub fn request<C: FromStr>(query: Option<&str>) -> PageRequest<C> {
    request_in(query, "")
}

/// The same for one of several lists of a page. `section`: the beginning of its names in the query.
#[must_use]
pub fn request_in<C: FromStr>(query: Option<&str>, section: &str) -> PageRequest<C> {
    request_by(query, section, |text| text.parse().ok())
}

/// The same for a list whose cursors `parse` parses.
#[must_use]
pub fn request_by<C>(
    query: Option<&str>,
    section: &str,
    parse: impl Fn(&str) -> Option<C>,
) -> PageRequest<C> {
    let fields = || form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let cursor = |name| {
        let is_it = |field: &str| field.strip_prefix(section) == Some(name);
        fields().find(|(field, _)| is_it(field)).and_then(|(_, text)| parse(&text))
    };
    let position = match (cursor(AFTER), cursor(BEFORE)) {
        (Some(row), _) => Position::After(row),
        (None, Some(row)) => Position::Before(row),
        (None, None) => Position::First,
    };
    let chosen = fields().find(|(field, _)| field == PER_PAGE).map(|(_, text)| text);
    let size = PAGE_SIZES.into_iter().find(|size| chosen.as_deref() == Some(&*size.to_string()));
    PageRequest { position, size: size.unwrap_or(PAGE_SIZES[0]) }
}

/// The encoded query of this page of a list, with the beginning of its names.
#[must_use]
pub fn query_of<C: Display>(request: &PageRequest<C>, section: &str) -> String {
    let parts = [size_query(request.size), position_query(request, section)];
    parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("&")
}

/// The same without the number of rows, which all lists of a page share. Empty for the first page.
#[must_use]
pub fn position_query<C: Display>(request: &PageRequest<C>, section: &str) -> String {
    let (name, cursor) = match &request.position {
        Position::First => return String::new(),
        Position::After(row) => (AFTER, row),
        Position::Before(row) => (BEFORE, row),
    };
    let mut query = Serializer::new(String::new());
    query.append_pair(&format!("{section}{name}"), &cursor.to_string());
    query.finish()
}

/// The encoded query of pages of this size; empty for the default.
fn size_query(size: usize) -> String {
    if size == PAGE_SIZES[0] { String::new() } else { format!("{PER_PAGE}={size}") }
}

/// Where a list is, for the links between its pages.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListAddress<'a> {
    /// The encoded query without the page of this list: its filters.
    pub filters: &'a str,
    /// The ID of its heading, if the page has several lists. Its names in the query begin with it.
    pub section: &'a str,
}

/// What `list_pages.html` shows above and below a list.
#[derive(Clone, Debug, Default)]
pub struct ListPages {
    /// How many rows the list has, if they were counted and there are any.
    pub total: Option<String>,
    /// How many of them this page has.
    pub shown: Option<Localized>,
    /// To the first page, unless this is the first page.
    pub first: Option<String>,
    /// To the previous page, if there is one.
    pub previous: Option<String>,
    /// To the next page, if there is one.
    pub next: Option<String>,
    /// The numbers of rows per page to choose from, with their links. The current one has none. Empty if all rows are on this page and fit on
    /// the smallest one.
    pub sizes: Vec<(usize, Option<String>)>,
    /// The number of rows per page, unless it is the default, for forms that keep it.
    pub size: Option<usize>,
    /// To the list without filters.
    pub unfiltered: String,
}

impl ListPages {
    /// What belongs to the page `found` of a list, which was asked for with this size.
    #[must_use]
    pub fn new<T, C: Display>(
        app: &App,
        t: &Localizer,
        path: impl Into<SitePath>,
        list: ListAddress<'_>,
        size: usize,
        found: &PageOf<T, C>,
    ) -> Self {
        let path = app.config.public_url.path(path);
        let ListAddress { filters, section } = list;
        let beginning = if section.is_empty() { String::new() } else { format!("{section}_") };
        let href = |filters: &str, size: usize, cursor: Option<(&str, &C)>| {
            let parts = [filters.to_owned(), size_query(size)];
            let parts: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            let mut query = Serializer::new(parts.join("&"));
            query.extend_pairs(
                cursor.map(|(name, row)| (format!("{beginning}{name}"), row.to_string())),
            );
            let query = query.finish();
            let mark = if query.is_empty() { "" } else { "?" };
            let anchor = if section.is_empty() { "" } else { "#" };
            format!("{path}{mark}{query}{anchor}{section}")
        };
        let default = i64::try_from(PAGE_SIZES[0]).unwrap_or(i64::MAX);
        // A list may have become short while its reader was on a later page.
        let is_long = found.total.is_some_and(|it| it > Total::Exactly(default))
            || found.previous.is_some()
            || found.next.is_some();
        let sizes = PAGE_SIZES.map(|it| (it, (it != size).then(|| href(filters, it, None))));
        let many = t.number(MOST_COUNTED).plain();
        Self {
            total: found.total.and_then(|total| match total {
                Total::Exactly(0) => None,
                Total::Exactly(count) => Some(t.number(count).plain()),
                Total::Many => Some(t.list_many(&many).plain()),
            }),
            shown: found.total.map(|total| shown(t, found, total)),
            first: found.previous.as_ref().map(|_| href(filters, size, None)),
            previous: found.previous.as_ref().map(|row| href(filters, size, Some((BEFORE, row)))),
            next: found.next.as_ref().map(|row| href(filters, size, Some((AFTER, row)))),
            sizes: sizes.into_iter().filter(|_| is_long).collect(),
            size: Some(size).filter(|size| *size != PAGE_SIZES[0]),
            unfiltered: href("", size, None),
        }
    }
}

/// Which rows of the list the page has. Only the first and the last page know how many rows are before theirs, since a cursor is no number.
fn shown<T, C>(t: &Localizer, found: &PageOf<T, C>, total: Total) -> Localized {
    let rows = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
    let last = match total {
        _ if found.previous.is_none() => Some(rows),
        Total::Exactly(count) if found.next.is_none() => Some(count),
        _ => None,
    };
    let many = t.number(MOST_COUNTED).plain();
    match (last, total) {
        (Some(last), Total::Exactly(count)) => t.list_rows(last - rows + 1, last, count),
        (Some(last), Total::Many) => t.list_rows_of_many(last - rows + 1, last, &many),
        (None, Total::Exactly(count)) => t.list_shown(rows, count),
        (None, Total::Many) => t.list_shown_of_many(&many, rows),
    }
}

/// A moment in the reader's time zone, which a list names once for all its rows.
#[derive(Clone, Debug)]
pub struct When {
    /// `3 minutes ago`; empty for days and for times to come.
    pub ago: String,
    /// `28 Nov 2026, 13:27`
    pub exactly: String,
    /// The same for programs, as exactly: `2026-11-28T12:27Z`, or to the second.
    pub datetime: String,
}

impl When {
    /// How long ago a moment was, and when.
    #[must_use]
    pub fn new(t: &Localizer, at: Timestamp) -> Self {
        Self { ago: t.ago(at).unwrap_or_default(), ..Self::at(t, at) }
    }

    /// The same on a page that does not name the time zone: `28 Nov 2026, 13:27 CET`.
    #[must_use]
    pub fn with_zone(t: &Localizer, at: Timestamp) -> Self {
        Self { exactly: t.time(at), ..Self::new(t, at) }
    }

    /// The same to the second.
    #[must_use]
    pub fn to_the_second(t: &Localizer, at: Timestamp) -> Self {
        let (exactly, datetime) = (t.time_to_the_second(at), at.to_rfc3339());
        Self { exactly, datetime, ..Self::new(t, at) }
    }

    /// When a moment is, such as the end of something.
    #[must_use]
    pub fn at(t: &Localizer, at: Timestamp) -> Self {
        let to_the_minute = Timestamp(at.0 - at.0.rem_euclid(60)).to_rfc3339();
        let datetime = to_the_minute.replace(":00Z", "Z");
        Self { ago: String::new(), exactly: t.time_without_zone(at), datetime }
    }

    /// The day of a moment.
    #[must_use]
    pub fn day(t: &Localizer, at: Timestamp) -> Self {
        Self { exactly: t.day(at), ..Self::at(t, at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_says_which_page_and_how_many_rows() {
        let request = |query: &str| request_in::<u32>(Some(query), "sessions_");
        let page = |position, size| PageRequest { position, size };
        assert_eq!(request(""), page(Position::First, 25));
        assert_eq!(request("sessions_after=7&per_page=50"), page(Position::After(7), 50));
        assert_eq!(request("after=7&sessions_before=8"), page(Position::Before(8), 25));
        assert_eq!(request("sessions_after=x&sessions_before=8"), page(Position::Before(8), 25));
        for size in ["", "0", "26", "+50", "050", "1000000", "x"] {
            assert_eq!(request(&format!("per_page={size}")).size, 25, "{size}");
        }
        for query in ["", "per_page=100", "sessions_after=7", "per_page=50&sessions_before=8"] {
            assert_eq!(query_of(&request(query), "sessions_"), query);
        }
    }
}
