//! Times and durations in words, by the patterns of the language.

use jiff::tz::Disambiguation;

use crate::clock::Timestamp;
use crate::i18n::localizer::Localizer;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Localizer {
    /// A moment, with the zone: `28 Nov 2026, 13:27 CET`.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        let Ok(moment) = jiff::Timestamp::from_second(at.0) else { return String::new() };
        let zoned = moment.to_zoned_datetime(self.zone.0.clone());
        let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
        let abbreviation = self.zone.0.to_offset_info(moment).abbreviation().to_owned();
        // A zone without letters of its own has its offset in their place: +03.
        let zone = if abbreviation.starts_with(['+', '-']) {
            format!("UTC{abbreviation}")
        } else {
            abbreviation
        };
        self.date_and_time(clock, self.day(at), zone).plain()
    }

    /// A day: `28 Nov 2026`.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        let Ok(moment) = jiff::Timestamp::from_second(at.0) else { return String::new() };
        let date = moment.to_zoned_datetime(self.zone.0.clone()).date();
        let month = i64::from(date.month());
        self.date(date.day().to_string(), month, date.year().to_string()).plain()
    }

    /// How long ago, and when: `3 minutes ago (28 Nov 2026, 13:27 CET)`.
    #[must_use]
    pub fn time_ago(&self, at: Timestamp) -> String {
        let seconds = self.now.since(at).as_secs();
        let ago = match seconds {
            0..MINUTE => self.just_now().to_owned(),
            MINUTE..HOUR => self.minutes_ago(seconds / MINUTE).plain(),
            HOUR..DAY => self.hours_ago(seconds / HOUR).plain(),
            DAY.. => self.days_ago(seconds / DAY).plain(),
        };
        self.ago_and_time(ago, self.time(at)).plain()
    }

    /// A duration in the largest unit that is exact: `30 minutes`, `90 minutes`, `1 day`.
    #[must_use]
    pub fn span(&self, seconds: u64) -> String {
        match seconds {
            0 => self.seconds(0_u64).plain(),
            _ if seconds.is_multiple_of(DAY) => self.days(seconds / DAY).plain(),
            _ if seconds.is_multiple_of(HOUR) => self.hours(seconds / HOUR).plain(),
            _ if seconds.is_multiple_of(MINUTE) => self.minutes(seconds / MINUTE).plain(),
            _ => self.seconds(seconds).plain(),
        }
    }

    /// Midnight in the reader's time zone at the start of the day `text` (`2026-11-23`) plus `days_later`.
    #[must_use]
    pub fn midnight_of(&self, text: &str, days_later: i64) -> Option<Timestamp> {
        let date: jiff::civil::Date = text.parse().ok()?;
        let date = date.checked_add(jiff::Span::new().try_days(days_later).ok()?).ok()?;
        let midnight =
            self.zone.0.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
        Some(Timestamp(midnight.disambiguate(Disambiguation::Compatible).ok()?.as_second()))
    }
}
