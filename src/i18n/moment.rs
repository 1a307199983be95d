//! Times and durations in words, by the patterns of the language.

use jiff::civil::{Date, Time};
use jiff::tz::Disambiguation;

use crate::clock::Timestamp;
use crate::i18n::localized::Marked;
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
        let offset = self.zone.0.to_offset_info(moment);
        // Not a Text, which would be isolated in some languages, and then it would select no name.
        let zone = match distance(offset.abbreviation()) {
            Some(distance) => distance,
            None => self.zone_name(Marked(offset.abbreviation().to_owned())).plain(),
        };
        self.date_and_time(clock, self.day(at), zone).plain()
    }

    /// A moment where its zone stands elsewhere: `28 Nov 2026, 13:27`.
    #[must_use]
    pub fn time_without_zone(&self, at: Timestamp) -> String {
        self.on_the_clock(at, "%H:%M")
    }

    /// The same to the second: `28 Nov 2026, 13:27:59`.
    #[must_use]
    pub fn time_to_the_second(&self, at: Timestamp) -> String {
        self.on_the_clock(at, "%H:%M:%S")
    }

    fn on_the_clock(&self, at: Timestamp, pattern: &str) -> String {
        let Ok(moment) = jiff::Timestamp::from_second(at.0) else { return String::new() };
        let clock = moment.to_zoned_datetime(self.zone.0.clone()).strftime(pattern).to_string();
        self.date_and_clock(clock, self.day(at)).plain()
    }

    /// A day: `28 Nov 2026`.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> String {
        let Ok(moment) = jiff::Timestamp::from_second(at.0) else { return String::new() };
        let date = moment.to_zoned_datetime(self.zone.0.clone()).date();
        let month = i64::from(date.month());
        self.date(date.day().to_string(), month, date.year().to_string()).plain()
    }

    /// How long ago, if the current time is known, and when: `3 minutes ago (28 Nov 2026, 13:27 CET)`.
    #[must_use]
    pub fn time_ago(&self, at: Timestamp) -> String {
        let time = self.time(at);
        match self.ago(at) {
            Some(ago) => self.ago_and_time(ago, time).plain(),
            None => time,
        }
    }

    /// How long ago, if the current time is known: `3 minutes ago`.
    #[must_use]
    pub fn ago(&self, at: Timestamp) -> Option<String> {
        let seconds = self.now?.since(at).as_secs();
        Some(match seconds {
            0..MINUTE => self.just_now().to_owned(),
            MINUTE..HOUR => self.minutes_ago(seconds / MINUTE).plain(),
            HOUR..DAY => self.hours_ago(seconds / HOUR).plain(),
            DAY.. => self.days_ago(seconds / DAY).plain(),
        })
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
        let date: Date = text.parse().ok()?;
        // The parser also takes other forms, which a date field can't show again.
        if date.to_string() != text {
            return None;
        }
        self.midnight(date, days_later)
    }

    /// The midnights in the reader's time zone at the start of the last `days` days, the latest of which is today, and at the end of today.
    /// Empty if the current time is unknown.
    #[must_use]
    pub fn last_midnights(&self, days: i64) -> Vec<Timestamp> {
        let now = self.now.and_then(|now| jiff::Timestamp::from_second(now.0).ok());
        let Some(now) = now else { return Vec::new() };
        let today = now.to_zoned_datetime(self.zone.0.clone()).date();
        (1 - days..=1).filter_map(|later| self.midnight(today, later)).collect()
    }

    fn midnight(&self, date: Date, days_later: i64) -> Option<Timestamp> {
        let date = date.checked_add(jiff::Span::new().try_days(days_later).ok()?).ok()?;
        let midnight = self.zone.0.to_ambiguous_timestamp(date.to_datetime(Time::midnight()));
        Some(Timestamp(midnight.disambiguate(Disambiguation::Compatible).ok()?.as_second()))
    }
}

/// What stands for the name of a zone without letters of its own: `+03` is `UTC+3`, `-0330` is `UTC−3:30`.
fn distance(abbreviation: &str) -> Option<String> {
    let (sign, digits) = match abbreviation.strip_prefix('-') {
        Some(digits) => ('\u{2212}', digits),
        None => ('+', abbreviation.strip_prefix('+')?),
    };
    let (hours, minutes) = digits.split_at_checked(2)?;
    let hours: u8 = hours.parse().ok()?;
    let colon = if minutes.is_empty() { "" } else { ":" };
    Some(format!("UTC{sign}{hours}{colon}{minutes}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::languages::Languages;
    use crate::i18n::message;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_second())
    }

    /// A reader at noon of 28 November 2026.
    fn reader(language: &str, zone: &str) -> Localizer {
        Localizer::of(language, zone, at("2026-11-28T12:00:00Z"))
    }

    #[test]
    fn times_have_the_zone_of_the_reader_and_its_summer_time() {
        for (zone, moment, english, german) in [
            (
                "Europe/Berlin",
                "2026-11-28T12:27:59Z",
                "28 Nov 2026, 13:27\u{a0}CET",
                "28. Nov. 2026, 13:27\u{a0}Uhr\u{a0}MEZ",
            ),
            (
                "Europe/Berlin",
                "2026-07-01T22:05:00Z",
                "2 Jul 2026, 00:05\u{a0}CEST",
                "2. Juli 2026, 00:05\u{a0}Uhr\u{a0}MESZ",
            ),
            // The same hour twice, in the night when summer time ends.
            (
                "Europe/Berlin",
                "2026-10-25T00:30:00Z",
                "25 Oct 2026, 02:30\u{a0}CEST",
                "25. Okt. 2026, 02:30\u{a0}Uhr\u{a0}MESZ",
            ),
            (
                "Europe/Berlin",
                "2026-10-25T01:30:00Z",
                "25 Oct 2026, 02:30\u{a0}CET",
                "25. Okt. 2026, 02:30\u{a0}Uhr\u{a0}MEZ",
            ),
            (
                "UTC",
                "2024-02-29T00:00:00Z",
                "29 Feb 2024, 00:00\u{a0}UTC",
                "29. Feb. 2024, 00:00\u{a0}Uhr\u{a0}UTC",
            ),
            (
                "America/New_York",
                "2027-01-01T04:59:00Z",
                "31 Dec 2026, 23:59\u{a0}EST",
                "31. Dez. 2026, 23:59\u{a0}Uhr\u{a0}EST",
            ),
            (
                "Asia/Kathmandu",
                "2026-03-01T00:00:00Z",
                "1 Mar 2026, 05:45\u{a0}UTC+5:45",
                "1. März 2026, 05:45\u{a0}Uhr\u{a0}UTC+5:45",
            ),
            (
                "America/Sao_Paulo",
                "2026-05-05T00:00:00Z",
                "4 May 2026, 21:00\u{a0}UTC\u{2212}3",
                "4. Mai 2026, 21:00\u{a0}Uhr\u{a0}UTC\u{2212}3",
            ),
        ] {
            assert_eq!(reader("en", zone).time(at(moment)), english);
            assert_eq!(reader("de", zone).time(at(moment)), german);
        }
        assert_eq!(reader("en", "UTC").day(at("2026-09-05T12:00:00Z")), "5 Sep 2026");
        assert_eq!(reader("de", "Asia/Tokyo").day(at("2026-09-05T22:00:00Z")), "6. Sep. 2026");
        assert_eq!(reader("en", "UTC").time(Timestamp(i64::MAX)), "", "not a time");
    }

    #[test]
    fn times_in_lists_leave_the_zone_out() {
        let berlin = |language| reader(language, "Europe/Berlin");
        let moment = at("2026-11-28T12:07:09Z");
        assert_eq!(berlin("en").time_without_zone(moment), "28 Nov 2026, 13:07");
        assert_eq!(berlin("en").time_to_the_second(moment), "28 Nov 2026, 13:07:09");
        assert_eq!(berlin("de").time_to_the_second(moment), "28. Nov. 2026, 13:07:09");
    }

    #[test]
    fn a_zone_without_a_name_has_its_distance() {
        for (abbreviation, expected) in [
            ("+03", Some("UTC+3")),
            ("-0330", Some("UTC\u{2212}3:30")),
            ("+1245", Some("UTC+12:45")),
            ("+00", Some("UTC+0")),
            ("CET", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(distance(abbreviation).as_deref(), expected, "{abbreviation}");
        }
    }

    #[test]
    fn a_language_from_right_to_left_names_zones_as_well() {
        let file = "language-name = x\nlanguage-direction = rtl\ndate-and-time = { $zone }\nzone-name = { $name ->\n    [CET] MEZ\n   *[other] { $name }\n}\n";
        let languages = Languages::read(&[("en", [file]), ("ar", [file])]).unwrap();
        let language = languages.find("ar").unwrap();
        let reader = Localizer { language, ..reader("en", "Europe/Berlin") };
        assert_eq!(reader.time(at("2026-11-28T12:27:59Z")), "MEZ");
    }

    #[test]
    fn relative_times_are_in_the_largest_unit_that_has_passed() {
        for (moment, english, german) in [
            ("2026-11-28T12:00:00Z", "just now", "gerade eben"),
            ("2026-11-28T11:59:01Z", "just now", "gerade eben"),
            ("2026-11-28T11:59:00Z", "1 minute ago", "vor 1 Minute"),
            ("2026-11-28T11:00:01Z", "59 minutes ago", "vor 59 Minuten"),
            ("2026-11-28T11:00:00Z", "1 hour ago", "vor 1 Stunde"),
            ("2026-11-27T12:00:01Z", "23 hours ago", "vor 23 Stunden"),
            ("2026-11-27T12:00:00Z", "1 day ago", "vor 1 Tag"),
            ("2023-11-28T12:00:00Z", "1,096 days ago", "vor 1.096 Tagen"),
            // After the clock was set back.
            ("2026-11-28T12:10:00Z", "just now", "gerade eben"),
        ] {
            for (language, ago) in [("en", english), ("de", german)] {
                let reader = reader(language, "Europe/Berlin");
                let expected = format!("{ago} ({})", reader.time(at(moment)));
                assert_eq!(reader.time_ago(at(moment)), expected);
            }
        }
    }

    #[test]
    fn without_the_current_time_a_relative_time_is_absolute() {
        let created = message::ago(at("2026-11-28T11:59:00Z"));
        let said = message::health_key_signs("ES256", created, "k1").english();
        assert!(said.contains("It was created 28 Nov 2026, 11:59\u{a0}UTC"), "{said}");
    }

    #[test]
    fn durations_are_exact() {
        for (seconds, english, german) in [
            (0, "0 seconds", "0 Sekunden"),
            (1, "1 second", "1 Sekunde"),
            (59, "59 seconds", "59 Sekunden"),
            (60, "1 minute", "1 Minute"),
            (90, "90 seconds", "90 Sekunden"),
            (5_400, "90 minutes", "90 Minuten"),
            (3_600, "1 hour", "1 Stunde"),
            (86_400, "1 day", "1 Tag"),
            (86_400 * 1_000, "1,000 days", "1.000 Tage"),
            (86_401, "86,401 seconds", "86.401 Sekunden"),
        ] {
            assert_eq!(reader("en", "UTC").span(seconds), english);
            assert_eq!(reader("de", "UTC").span(seconds), german);
        }
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_reader() {
        let midnight = |zone: &str, day: &str, later| reader("en", zone).midnight_of(day, later);
        for (zone, day, later, expected) in [
            ("UTC", "2026-11-23", 0, "2026-11-23T00:00:00Z"),
            ("Europe/Berlin", "2026-11-23", 0, "2026-11-22T23:00:00Z"),
            ("Europe/Berlin", "2026-03-29", 0, "2026-03-28T23:00:00Z"),
            ("Europe/Berlin", "2026-03-29", 1, "2026-03-29T22:00:00Z"),
            ("UTC", "2026-12-31", 1, "2027-01-01T00:00:00Z"),
            // A day without midnight, and one with two.
            ("America/Sao_Paulo", "2018-11-04", 0, "2018-11-04T03:00:00Z"),
            ("America/Havana", "2026-11-01", 0, "2026-11-01T04:00:00Z"),
        ] {
            assert_eq!(midnight(zone, day, later), Some(at(expected)), "{zone} {day}");
        }
        for day in [
            "",
            "today",
            "2026-02-30",
            "28.11.2026",
            "99999-01-01",
            "20261128",
            "2026-11-28T10:00",
            "2026-W48-6",
            "+002026-11-28",
        ] {
            assert_eq!(midnight("UTC", day, 0), None, "{day}");
        }
        assert_eq!(midnight("UTC", "9999-12-31", 1), None);
    }

    #[test]
    fn the_last_days_end_with_the_day_of_the_reader() {
        // 12:00 UTC on 28 November is the 29th in Kiritimati.
        for (zone, expected) in [
            ("UTC", ["2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"]),
            (
                "Europe/Berlin",
                ["2026-11-26T23:00:00Z", "2026-11-27T23:00:00Z", "2026-11-28T23:00:00Z"],
            ),
            (
                "Pacific/Kiritimati",
                ["2026-11-27T10:00:00Z", "2026-11-28T10:00:00Z", "2026-11-29T10:00:00Z"],
            ),
            (
                "Asia/Kathmandu",
                ["2026-11-26T18:15:00Z", "2026-11-27T18:15:00Z", "2026-11-28T18:15:00Z"],
            ),
        ] {
            assert_eq!(reader("en", zone).last_midnights(2), expected.map(at), "{zone}");
        }
        // The day on which summer time ends has 25 hours.
        let days = reader("en", "Europe/Berlin").last_midnights(60);
        assert_eq!(days.len(), 61);
        assert_eq!(days.windows(2).filter(|it| it[1].0 - it[0].0 == 25 * 3_600).count(), 1);
        assert_eq!(Localizer::english(None).last_midnights(30), []);
    }
}
