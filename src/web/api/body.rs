//! JSON bodies, parsed strictly. The response reports all invalid fields at once.

use std::collections::BTreeSet;
use std::fmt;

use axum::extract::{FromRequest, Request};
use serde::de::{self, DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor, value};
use serde::{Deserialize, Deserializer};

use crate::app::App;
use crate::web::api::english::{English, InEnglish};
use crate::web::api::refusal::{Refusal, Word};
use crate::web::http::body::{self, Unread};

/// A JSON object. Its fields are [`Text`], so that an error in one field does not hide errors in the others.
///
/// The types have `deny_unknown_fields` only for the OpenAPI description. Unknown fields are rejected here, all at once.
#[expect(missing_debug_implementations, reason = "holds passwords as typed")]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &App) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        if !body::is(&parts.headers, "application/json") {
            return Err(Word::UnsupportedMediaType.into());
        }
        let bytes = body::read(&parts.headers, body).await.map_err(|why| match why {
            Unread::TooLarge => Word::TooLarge,
            Unread::TooSlow => Word::TimedOut,
            Unread::BrokeOff => Word::BadRequest,
        })?;
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let text = str::from_utf8(bytes).map_err(|_| Word::InvalidJson)?;
    let refuse = |why| Refusal::from(Word::InvalidJson).saying(why);
    let broken = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        refuse(format!("The body is not valid JSON in UTF-8 (line {line}, column {column})."))
    };
    // Deserializing `T` right away would also accept arrays, and would report only the first error.
    let Names { all, is_doubled } = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            refuse("The body must be a JSON object.".into())
        } else {
            broken(error)
        }
    })?;
    if is_doubled {
        return Err(refuse("A field of the body was sent twice.".into()));
    }
    let known = fields::<T>();
    let unknown = all.into_iter().filter(|name| !known.contains(&name.as_str()));
    let unknown: Vec<String> =
        unknown.take(NAMED).map(|name| name.chars().take(LONGEST_NAME).collect()).collect();
    if !unknown.is_empty() {
        return Err(Refusal::of_unknown(unknown));
    }
    serde_json::from_str(text).map_err(broken)
}

/// The most unknown fields that an error lists.
const NAMED: usize = 10;
/// The most characters of an unknown field's name that an error contains.
const LONGEST_NAME: usize = 64;

/// The names of an object's fields, whatever their values are.
#[derive(Default)]
struct Names {
    all: BTreeSet<String>,
    is_doubled: bool,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Names::default();
                while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
                    names.is_doubled |= !names.all.insert(name);
                }
                Ok(names)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// The names of a type's fields in JSON.
fn fields<T: DeserializeOwned>() -> &'static [&'static str] {
    /// A deserializer without data that records which fields the type expects.
    struct Recorder<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Recorder<'_> {
        type Error = value::Error;

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            self.deserialize_any(visitor)
        }

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(de::Error::custom("nothing"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
            tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut fields: &'static [&'static str] = &[];
    let _ = T::deserialize(Recorder(&mut fields));
    fields
}

/// The value of a field that must be a string. Deserializing it never fails; parsing it may.
#[expect(missing_debug_implementations, reason = "may be a password as typed")]
pub enum Text {
    /// Missing or `null`.
    Missing,
    /// Not a string.
    Other,
    /// A string.
    Given(String),
}

impl Text {
    /// Parses the string, or returns the error message for the field. A missing field counts as an empty string.
    pub fn parse<T, E: InEnglish>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, English> {
        match self {
            Self::Other => Err("This must be a string.".into()),
            Self::Missing => parse("").map_err(InEnglish::in_english),
            // PostgreSQL cannot store NUL in text, and no field needs it.
            Self::Given(text) if text.contains('\0') => {
                Err("This contains a character that cannot be used (NUL).".into())
            }
            Self::Given(text) => parse(text).map_err(InEnglish::in_english),
        }
    }

    /// Parses an optional string. A missing or empty one is `None`.
    pub fn parse_any<T, E: InEnglish>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, English> {
        match self {
            Self::Missing => Ok(None),
            Self::Given(text) if text.is_empty() => Ok(None),
            text => text.parse(parse).map(Some),
        }
    }

    /// The string as sent; empty if there is none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        if let Self::Given(text) = self { text } else { "" }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text::Given(text.to_owned()))
            }

            fn visit_none<E>(self) -> Result<Text, E> {
                Ok(Text::Missing)
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text::Missing)
            }

            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Text, D::Error> {
                value.deserialize_any(self)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
                Ok(Text::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Text, E> {
                Ok(Text::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Text, E> {
                Ok(Text::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
                Ok(Text::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::Other)
            }
        }

        // serde lets a field be missing only if its type deserializes an option.
        deserializer.deserialize_option(Any)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Sent {
        email: Text,
        refresh_token: Text,
    }

    fn status(body: &[u8]) -> StatusCode {
        match parse::<Sent>(body) {
            Ok(_) => StatusCode::OK,
            Err(refusal) => refusal.into_response().status(),
        }
    }

    fn email(body: &str) -> Result<Option<String>, English> {
        let sent: Sent = parse(body.as_bytes()).unwrap_or_else(|why| panic!("{body}: {why:?}"));
        sent.email.parse_any(|text| Ok::<_, English>(text.to_owned()))
    }

    #[test]
    fn invalid_json_and_ambiguous_objects_are_rejected() {
        for broken in [
            &b""[..],
            b"{",
            b"{\"email\":}",
            b"{\"email\":\"x\"} x",
            b"{'email':'x'}",
            b"{\"email\":\"\xff\"}",
            b"{\"x\":\"\xff\"}",
            b"{\"email\":\"\\ud800\"}",
            b"{\"email\":\"a\nb\"}",
            b"{\"email\":NaN}",
            b"\xef\xbb\xbf{}",
            b"email=x",
        ] {
            assert_eq!(status(broken), StatusCode::BAD_REQUEST, "{broken:?}");
        }
        for other in [
            "[]",
            "[\"ada@example.org\",\"x\"]",
            "\"x\"",
            "1",
            "null",
            "{\"email\":\"a\",\"email\":\"b\"}",
            "{\"email\":\"a\",\"e\\u006dail\":\"b\"}",
            "{\"x\":1,\"x\":2}",
        ] {
            assert_eq!(status(other.as_bytes()), StatusCode::BAD_REQUEST, "{other}");
        }
        let deep = |open: &str, close: &str| {
            format!("{{\"email\":{}{}}}", open.repeat(9_000), close.repeat(9_000))
        };
        for good in ["{}", " \n{\"email\":1}", &deep("[", "]"), &deep("{\"a\":[", "]}")] {
            assert_eq!(status(good.as_bytes()), StatusCode::OK, "{good:.80}");
        }
    }

    #[test]
    fn unknown_fields_are_named() {
        for (body, named) in [
            ("{\"otp\":\"1\",\"email\":1}", &["otp"][..]),
            (
                "{\"refresh_token\":{\"a\":[]},\"Email\":null,\"\":1}",
                &["", "Email", "refresh_token"],
            ),
        ] {
            let Err(refusal) = parse::<Sent>(body.as_bytes()) else { panic!("{body}") };
            let said = format!("{refusal:?}");
            assert!(named.iter().all(|name| said.contains(&format!("(\"{name}\", "))), "{said}");
            assert_eq!(refusal.into_response().status(), StatusCode::UNPROCESSABLE_ENTITY);
        }
        let many: Vec<String> = (0..5_000).map(|n| format!("\"{n:0>12}\":1")).collect();
        let Err(refusal) = parse::<Sent>(format!("{{{}}}", many.join(",")).as_bytes()) else {
            panic!()
        };
        assert_eq!(format!("{refusal:?}").matches("no such field").count(), 10);
        let long = format!("{{\"{}\":1}}", "x".repeat(60_000));
        let Err(refusal) = parse::<Sent>(long.as_bytes()) else { panic!() };
        assert!(format!("{refusal:?}").len() < 500);
    }

    #[test]
    fn fields_that_are_not_strings_are_rejected() {
        assert_eq!(email("{\"email\":\" a\\u00e4\\\"\"}").unwrap().unwrap(), " aä\"");
        for missing in ["{}", "{\"email\":null}", "{\"email\":\"\"}"] {
            assert_eq!(email(missing), Ok(None), "{missing}");
        }
        for other in ["1", "-1", "1.5", "true", "[\"x\"]", "{\"x\":\"y\"}", "\"a\\u0000b\""] {
            assert!(email(&format!("{{\"email\":{other}}}")).is_err(), "{other}");
        }
        let sent: Sent = parse(b"{\"refreshToken\":\"x\"}").unwrap();
        assert_eq!(sent.refresh_token.as_str(), "x");
        assert!(
            sent.email
                .parse(|text| if text.is_empty() { Err(English::from("Send it.")) } else { Ok(()) })
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn no_body_makes_the_parser_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse::<Sent>(&body);
        }

        #[test]
        fn strings_are_read_unchanged(text in "[^\0]{0,40}") {
            let body = serde_json::json!({ "email": text }).to_string();
            prop_assert_eq!(email(&body).unwrap().unwrap_or_default(), text);
        }
    }
}
