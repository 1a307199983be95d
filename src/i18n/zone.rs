//! Time zones, by their names in the IANA database, which the binary contains.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::i18n::message::{self, Message};

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

    /// The region with this key.
    #[must_use]
    pub fn region(key: &str) -> Option<&'static Region> {
        Self::regions().iter().find(|it| it.key == key)
    }

    /// The region whose list has this time zone.
    #[must_use]
    pub fn region_of(name: &str) -> Option<&'static Region> {
        Self::regions().iter().find(|it| it.places.iter().any(|place| place.zone == name))
    }

    /// Whether a name is among those to choose from.
    #[must_use]
    pub fn is_listed(name: &str) -> bool {
        Self::region_of(name).is_some()
    }
}

/// The parts of the world that time zones are named after. The database has other names, for programs of earlier times: `Etc/GMT+5`, which is
/// five hours behind, `EST5EDT`, `US/Eastern`.
const WORLD: [NamedRegion; 10] = [
    ("Africa", message::region_africa),
    ("America", message::region_america),
    ("Antarctica", message::region_antarctica),
    ("Arctic", message::region_arctic),
    ("Asia", message::region_asia),
    ("Atlantic", message::region_atlantic),
    ("Australia", message::region_australia),
    ("Europe", message::region_europe),
    ("Indian", message::region_indian),
    ("Pacific", message::region_pacific),
];

/// The first part of the names of its time zones, and its name for people.
type NamedRegion = (&'static str, fn() -> Message);

/// The time zones of a part of the world, for a list to choose from.
#[derive(Clone, Debug)]
pub struct Region {
    /// The first part of the names of its time zones, for example `Europe`. The last has none, and only UTC.
    pub key: &'static str,
    /// Its name for people.
    pub name: Message,
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
    let mut places: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for zone in TimeZoneDatabase::bundled().available() {
        if let Some((region, name)) = zone.as_str().split_once('/') {
            let place = Place { zone: zone.to_string(), name: name.replace('_', " ") };
            places.entry(region.to_owned()).or_default().push(place);
        }
    }
    let of_the_world = WORLD.into_iter().filter_map(|(region, name)| {
        let mut places = places.remove(region)?;
        places.sort_by(|one, other| one.name.cmp(&other.name));
        Some(Region { key: region, name: name(), places })
    });
    let utc = Place { zone: "UTC".to_owned(), name: "UTC".to_owned() };
    let others = Region { key: "", name: message::region_other(), places: vec![utc] };
    of_the_world.chain([others]).collect()
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
        let america = regions.iter().find(|it| it.name == message::region_america()).unwrap();
        let new_york = america.places.iter().find(|it| it.zone == "America/New_York").unwrap();
        assert_eq!(new_york.name, "New York");
        let others = regions.last().unwrap();
        assert!(others.places.len() == 1 && others.places[0].zone == "UTC");
    }

    #[test]
    fn other_names_are_no_time_zones() {
        assert_eq!("europe/berlin".parse::<Zone>().unwrap().name(), "Europe/Berlin");
        for name in ["", "CEST+2", "+02:00", "Etc/Unknown", "Europe/Atlantis", "../etc/passwd"] {
            assert_eq!(name.parse::<Zone>(), Err(UnknownZone), "{name}");
        }
    }
}
