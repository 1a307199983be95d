//! Import files of both formats.

use proptest::prelude::*;

use super::*;

const HASH: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

fn read(bytes: &[u8], format: Format) -> Result<Read, String> {
    super::read(bytes, format, Languages::embedded())
}

fn bad(text: &str, format: Format) -> Vec<(u64, Option<&'static str>)> {
    let read = read(text.as_bytes(), format).unwrap();
    read.bad.into_iter().map(|bad| (bad.line, bad.field)).collect()
}

#[test]
fn both_formats_produce_the_same_accounts() {
    let csv = format!(
        "\u{feff}Email,username,password_hash,roles,verified,id\r\nada@example.org,\"Ada, Countess\",{HASH},\"family, staff\",yes,\r\n\
         eve@example.org,,,,,019adf6b-1c40-7000-8000-00000000beef\r\n"
    );
    let json = format!(
        "{{\"email\":\"ada@example.org\",\"username\":\"Ada, Countess\",\"password_hash\":\"{HASH}\",\"roles\":[\"family\",\"staff\"],\
         \"verified\":true}}\n\n{{\"email\":\"eve@example.org\",\"id\":\"019adf6b-1c40-7000-8000-00000000beef\",\"roles\":null}}"
    );
    for (text, format) in [(csv, Format::Csv), (json, Format::JsonLines)] {
        assert_eq!(Format::guess("users", text.trim_start_matches('\u{feff}').as_bytes()), format);
        let read = read(text.as_bytes(), format).unwrap();
        assert_eq!(read.bad, []);
        let [ada, eve] = &read.candidates[..] else { panic!("{}", read.candidates.len()) };
        assert_eq!(
            (ada.username.as_str(), ada.password_hash.as_deref()),
            ("Ada, Countess", Some(HASH))
        );
        assert_eq!(
            (crate::domain::account::role::join(&ada.roles).as_str(), ada.verified),
            ("family, staff", true)
        );
        assert_eq!((eve.username.as_str(), eve.verified, eve.id.is_some()), ("eve", false, true));
    }
}

#[test]
fn every_bad_line_is_reported_with_its_number() {
    let csv = "email,username,roles,verified,id,password_hash\n\
               ada@example.org,\"two\nlines\",,,,\n\
               nonsense,,a b;c,perhaps,x,secret\n\
               ada@example.org,Ada\n\
               eve@example.org,Eve,,,,\n\
               EVE@example.org,Eve,,,,\n";
    let fields = ["id", "email", "password_hash", "roles", "verified"].map(Some);
    let mut expected = vec![(2, Some("username"))];
    expected.extend(fields.map(|field| (4, field)));
    expected.extend([(5, None), (7, Some("email"))]);
    assert_eq!(bad(csv, Format::Csv), expected);
    let json = "{\"email\":\"ada@example.org\",\"verified\":1}\n[]\n{\"mail\":\"x\"}\n{\"email\":\"a@example.org\",\"roles\":[\"a,b\"]}\n{";
    assert_eq!(
        bad(json, Format::JsonLines),
        [(1, Some("verified")), (2, None), (3, None), (4, Some("roles")), (5, None)]
    );
    let read = read(b"email\n\xff@example.org\nada@example.org\n", Format::Csv).unwrap();
    assert_eq!((read.bad.len(), read.candidates.len()), (1, 1));
    let found = super::read(csv.as_bytes(), Format::Csv, Languages::embedded()).unwrap().bad;
    assert!(!format!("{found:?}").contains("secret"));
}

#[test]
fn language_and_time_zone_are_optional_and_checked() {
    let csv = "email,language,time_zone\nada@example.org,DE,europe/berlin\nbob@example.org,,\neve@example.org,tlh,Mars/Olympus\n";
    let read = read(csv.as_bytes(), Format::Csv).unwrap();
    let settings = |at: usize| {
        let Preferences { language, time_zone } = read.candidates[at].preferences.clone();
        (language, time_zone)
    };
    assert_eq!(settings(0), (Some("de".to_owned()), Some("Europe/Berlin".to_owned())));
    assert_eq!(settings(1), (None, None));
    assert_eq!(bad(csv, Format::Csv), [(4, Some("language")), (4, Some("time_zone"))]);
}

#[test]
fn a_header_with_unknown_columns_is_refused() {
    for (text, problem) in [
        ("mail,name\n", "no column \"mail\""),
        ("email;username\n", "not semicolons"),
        ("username\n", "must name the column email"),
        ("email,email\n", "twice"),
        ("", "must name the column email"),
    ] {
        let why = read(text.as_bytes(), Format::Csv).err().unwrap();
        assert!(why.contains(problem), "{why}");
    }
}

proptest! {
    #[test]
    fn no_file_makes_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, Format::Csv);
        let _ = read(&bytes, Format::JsonLines);
    }
}
