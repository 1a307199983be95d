//! Time zones, by their names in the IANA database, which the binary contains.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A time zone.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(pub(super) TimeZone);

/// There is no time zone with this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// The time zones to choose from, by region, both sorted by name.
    #[must_use]
    pub fn regions() -> &'static [Region] {
        &REGIONS
    }

    /// Whether a name is among those to choose from.
    #[must_use]
    pub fn is_listed(name: &str) -> bool {
        Self::regions().iter().flat_map(|it| &it.places).any(|it| it.zone == name)
    }
}

/// The parts of the world that time zones are named after. The database has other names, for programs of earlier times: `Etc/GMT+5`, which is
/// five hours behind, `EST5EDT`, `US/Eastern`.
const WORLD: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// The time zones of a part of the world, for a list to choose from.
#[derive(Clone, Debug)]
pub struct Region {
    /// For example `Europe`. Empty for UTC, which comes last.
    pub name: String,
    /// Its time zones.
    pub places: Vec<Place>,
}

/// A time zone to choose.
#[derive(Clone, Debug)]
pub struct Place {
    /// The name of the time zone, for example `America/New_York`.
    pub zone: String,
    /// What people read: `New York`.
    pub name: String,
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let mut regions: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for zone in TimeZoneDatabase::bundled().available() {
        let zone = zone.as_str();
        let (region, name) = zone.split_once('/').unwrap_or(("", zone));
        if !WORLD.contains(&region) && zone != "UTC" {
            continue;
        }
        let place = Place { zone: zone.to_owned(), name: name.replace('_', " ") };
        regions.entry(region.to_owned()).or_default().push(place);
    }
    let of_no_region = regions.remove_entry("");
    let mut regions: Vec<_> = regions.into_iter().chain(of_no_region).collect();
    for (_, places) in &mut regions {
        places.sort_by(|one, other| one.name.cmp(&other.name));
    }
    regions.into_iter().map(|(name, places)| Region { name, places }).collect()
});

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        let found = TimeZoneDatabase::bundled().get(text).ok();
        found.filter(|it| it.iana_name().is_some() && !it.is_unknown()).map(Self).ok_or(UnknownZone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_zone_to_choose_from_exists() {
        let regions = Zone::regions();
        for place in regions.iter().flat_map(|it| &it.places) {
            assert!(place.zone.parse::<Zone>().is_ok(), "{}", place.zone);
        }
        let count: usize = regions.iter().map(|it| it.places.len()).sum();
        assert!((400..500).contains(&count), "{count}");
        let america = regions.iter().find(|it| it.name == "America").unwrap();
        let new_york = america.places.iter().find(|it| it.zone == "America/New_York").unwrap();
        assert_eq!(new_york.name, "New York");
        let others = regions.last().unwrap();
        assert!(
            others.name.is_empty() && others.places.len() == 1 && others.places[0].zone == "UTC"
        );
    }

    #[test]
    fn other_names_are_no_time_zones() {
        assert_eq!("europe/berlin".parse::<Zone>().unwrap().name(), "Europe/Berlin");
        for name in ["", "CEST+2", "+02:00", "Etc/Unknown", "Europe/Atlantis", "../etc/passwd"] {
            assert_eq!(name.parse::<Zone>(), Err(UnknownZone), "{name}");
        }
    }
}
