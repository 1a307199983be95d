//! Pages of lists that can grow without bound.
//!
//! A cursor names a row by what the list is sorted by. A page has the rows after a cursor, or those before it. So it costs the same wherever
//! it is, and rows that are added or deleted in the meantime make no other row appear twice or not at all.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::clock::Timestamp;

/// The numbers of rows per page to choose from. The first one is the default.
pub const PAGE_SIZES: [usize; 3] = [25, 50, 100];

/// The most rows that are counted. Counting all rows of a large table would take longer than showing some of them.
pub const MOST_COUNTED: i64 = 10_000;

/// Which way a query reads a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The rows after a cursor, in the order of the list.
    Forward,
    /// The rows before a cursor, the nearest first.
    Backward,
}

/// Where a page of a list is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position<C> {
    /// At the start of the list.
    #[default]
    First,
    /// After this row.
    After(C),
    /// Before this row.
    Before(C),
}

/// The page of a list that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest<C> {
    /// Where it is.
    pub position: Position<C>,
    /// The most rows that it has.
    pub size: usize,
}

impl<C> Default for PageRequest<C> {
    fn default() -> Self {
        Self { position: Position::First, size: PAGE_SIZES[0] }
    }
}

/// How many rows a list has on all its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Total {
    /// This many.
    Exactly(i64),
    /// More than [`MOST_COUNTED`].
    Many,
}

impl Total {
    /// `counted`: the rows that were found, of which a query counts at most one more than [`MOST_COUNTED`].
    #[must_use]
    pub fn of(counted: i64) -> Self {
        if counted > MOST_COUNTED { Self::Many } else { Self::Exactly(counted) }
    }

    /// How many two lists have together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exactly(one), Self::Exactly(other)) => Self::Exactly(one.saturating_add(other)),
            _ => Self::Many,
        }
    }
}

impl Default for Total {
    fn default() -> Self {
        Self::Exactly(0)
    }
}

/// Rows of a list, and the cursors of the pages beside them.
#[derive(Clone, Debug)]
pub struct PageOf<T, C> {
    /// The rows.
    pub rows: Vec<T>,
    /// The page before this one ends before this row. `None` for the first page.
    pub previous: Option<C>,
    /// The page after this one starts after this row. `None` for the last page.
    pub next: Option<C>,
    /// How many rows the list has, if they were counted.
    pub total: Option<Total>,
}

impl<T, C> PageOf<T, C> {
    /// A list without rows.
    #[must_use]
    pub fn empty() -> Self {
        Self { rows: Vec::new(), previous: None, next: None, total: None }
    }

    /// The first `size` of these rows, as the start of a list. The query has to ask for [`one_more`].
    #[must_use]
    pub fn cut(mut rows: Vec<T>, size: usize, cursor: impl FnOnce(&T) -> C) -> Self {
        let is_more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| is_more).map(cursor);
        Self { rows, next, ..Self::empty() }
    }

    /// The page that is asked for, or the first one if no rows are left there. `start`: the cursor before the first row. `read`: reads at most
    /// so many rows from a cursor.
    pub async fn find<E, F: Future<Output = Result<Vec<T>, E>>>(
        request: PageRequest<C>,
        start: C,
        cursor: impl Fn(&T) -> C,
        read: impl Fn(Direction, C, i64) -> F,
    ) -> Result<Self, E> {
        let size = request.size;
        if let Some(found) = Self::later(request, &cursor, &read).await? {
            return Ok(found);
        }
        let rows = read(Direction::Forward, start, one_more(size)).await?;
        Ok(Self::cut(rows, size, cursor))
    }

    /// The page that is asked for. `None` if it is the first one, or if no rows are left there.
    ///
    /// A page before a row that would be the first one, or shorter, is `None` too: the first page is always full.
    pub async fn later<E, F: Future<Output = Result<Vec<T>, E>>>(
        request: PageRequest<C>,
        cursor: impl Fn(&T) -> C,
        read: impl Fn(Direction, C, i64) -> F,
    ) -> Result<Option<Self>, E> {
        let size = request.size;
        match request.position {
            Position::First => Ok(None),
            Position::After(row) => {
                let rows = read(Direction::Forward, row, one_more(size)).await?;
                let found = Self::cut(rows, size, &cursor);
                let previous = found.rows.first().map(cursor);
                Ok(previous.map(|previous| Self { previous: Some(previous), ..found }))
            }
            Position::Before(row) => {
                let mut rows = read(Direction::Backward, row, one_more(size)).await?;
                if rows.len() <= size {
                    return Ok(None);
                }
                rows.truncate(size);
                rows.reverse();
                let (previous, next) = (rows.first().map(&cursor), rows.last().map(&cursor));
                Ok(Some(Self { rows, previous, next, total: None }))
            }
        }
    }

    /// The same page with the number of all rows. Only if they are not all on this page, `count` counts them, up to this number.
    pub async fn counted<E>(
        self,
        count: impl AsyncFnOnce(i64) -> Result<i64, E>,
    ) -> Result<Self, E> {
        let counted = if self.previous.is_none() && self.next.is_none() {
            i64::try_from(self.rows.len()).unwrap_or(i64::MAX)
        } else {
            count(MOST_COUNTED + 1).await?
        };
        Ok(Self { total: Some(Total::of(counted)), ..self })
    }

    /// The same page of other rows.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> PageOf<U, C> {
        let Self { rows, previous, next, total } = self;
        PageOf { rows: rows.into_iter().map(change).collect(), previous, next, total }
    }
}

/// The limit of a query for a page: one row more than the page has tells whether there are more pages.
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

    /// The rows on a page of the list 1 to `last`, and the cursors of the pages beside it.
    async fn page(last: u32, position: Position<u32>) -> (Vec<u32>, Option<u32>, Option<u32>) {
        let read = |direction, cursor: u32, limit: i64| {
            let (rows, limit) = (1..=last, usize::try_from(limit).unwrap());
            std::future::ready(Ok::<_, ()>(match direction {
                Direction::Forward => rows.filter(|row| *row > cursor).take(limit).collect(),
                Direction::Backward => rows.rev().filter(|row| *row < cursor).take(limit).collect(),
            }))
        };
        let found = PageOf::find(PageRequest { position, size: 3 }, 0, |row| *row, read).await;
        let PageOf { rows, previous, next, .. } = found.unwrap();
        (rows, previous, next)
    }

    #[tokio::test]
    async fn pages_lead_in_both_directions_and_the_first_one_is_full() {
        let first = (vec![1, 2, 3], None, Some(3));
        assert_eq!(page(8, Position::First).await, first);
        assert_eq!(page(8, Position::After(3)).await, (vec![4, 5, 6], Some(4), Some(6)));
        assert_eq!(page(8, Position::After(6)).await, (vec![7, 8], Some(7), None));
        assert_eq!(page(8, Position::Before(7)).await, (vec![4, 5, 6], Some(4), Some(6)));
        // A page of fewer rows before the first page would begin in its middle.
        assert_eq!(page(8, Position::Before(4)).await, first);
        assert_eq!(page(8, Position::Before(3)).await, first);
        // No rows are left there.
        assert_eq!(page(8, Position::After(8)).await, first);
        assert_eq!(page(8, Position::Before(1)).await, first);
        assert_eq!(page(0, Position::Before(9)).await, (vec![], None, None));
    }

    #[tokio::test]
    async fn rows_are_counted_only_if_they_are_on_several_pages() {
        let counted = async |rows: Vec<u32>, found| {
            let page = PageOf::cut(rows, 3, |row| *row);
            page.counted(async |_| Ok::<i64, ()>(found)).await.unwrap().total
        };
        assert_eq!(counted(vec![1, 2], 7).await, Some(Total::Exactly(2)));
        assert_eq!(counted(vec![1, 2, 3, 4], 7).await, Some(Total::Exactly(7)));
        let (most, more) = (MOST_COUNTED, MOST_COUNTED + 1);
        assert_eq!(counted(vec![1, 2, 3, 4], most).await, Some(Total::Exactly(most)));
        assert_eq!(counted(vec![1, 2, 3, 4], more).await, Some(Total::Many));
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
