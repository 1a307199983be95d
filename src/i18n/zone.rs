//! Time zones, by their names in the IANA database, which the binary contains.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use thiserror::Error;

/// A time zone.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(pub(super) TimeZone);

/// There is no time zone with this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no such time zone: use a name such as Europe/Berlin")]
pub struct UnknownZone;

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its name, for example `Europe/Berlin`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The names of all time zones, sorted.
    #[must_use]
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> =
            TimeZoneDatabase::bundled().available().map(|it| it.as_str().to_owned()).collect();
        names.sort_unstable();
        names
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        TimeZoneDatabase::bundled().get(text).map(Self).map_err(|_| UnknownZone)
    }
}
