//! Pages of lists that can grow without bound.
//!
//! A cursor names the last row of a page by what the list is sorted by. So a page costs the same wherever it is, and rows that are added or
//! deleted in the meantime make no other row appear twice or not at all.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::clock::Timestamp;

/// Rows of a list, and the cursor of the rows after them.
#[derive(Clone, Debug)]
pub struct PageOf<T, C> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<C>,
}

impl<T, C> PageOf<T, C> {
    /// The first `size` of these rows. The query has to ask for [`one_more`].
    #[must_use]
    pub fn cut(mut rows: Vec<T>, size: usize, cursor: impl FnOnce(&T) -> C) -> Self {
        let is_more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| is_more).map(cursor);
        Self { rows, next }
    }

    /// The same page of other rows.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> PageOf<U, C> {
        PageOf { rows: self.rows.into_iter().map(change).collect(), next: self.next }
    }
}

/// The limit of a query for a page: one row more than the page has tells whether there is a next page.
#[must_use]
pub fn one_more(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)
}

/// A position in a list that is sorted by time: a row or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeCursor {
    /// The time.
    pub at: Timestamp,
    /// Orders rows of the same second.
    pub id: Uuid,
}

impl TimeCursor {
    /// After all rows, so that the latest come first.
    pub const LATEST: Self = Self { at: Timestamp(i64::MAX), id: Uuid::max() };

    /// The position before the first row at or after this time.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self { at, id: Uuid::nil() }
    }
}

/// The text is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct InvalidCursor;

impl FromStr for TimeCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (at, id) = text.split_once('.').ok_or(InvalidCursor)?;
        let at = Timestamp(at.parse().map_err(|_| InvalidCursor)?);
        Ok(Self { at, id: Uuid::parse_str(id).map_err(|_| InvalidCursor)? })
    }
}

impl fmt::Display for TimeCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.0, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_page_with_more_rows_has_a_next_one() {
        let cut = |count: u32| PageOf::cut((1..=count).collect(), 3, |row| *row);
        assert_eq!((cut(0).rows, cut(0).next), (vec![], None));
        assert_eq!((cut(3).rows, cut(3).next), (vec![1, 2, 3], None));
        assert_eq!((cut(4).rows, cut(4).next), (vec![1, 2, 3], Some(3)));
        assert_eq!((one_more(25), one_more(usize::MAX)), (26, i64::MAX));
    }

    #[test]
    fn cursors_can_be_parsed_again_and_other_text_cannot() {
        for place in [TimeCursor::LATEST, TimeCursor::at(Timestamp(-7))] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for text in ["", "7", "7.", ".7", "x.019adf6b-1c40-7000-8000-00000000beef", "7.x"] {
            assert_eq!(text.parse::<TimeCursor>(), Err(InvalidCursor), "{text}");
        }
    }
}
