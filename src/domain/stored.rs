//! Stored values, some of which only a later version knows.

use std::error::Error;

use serde::de::value::Error as UnknownName;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};
use sqlx::{Database, Decode, Type};

/// A value as it was read from the database. Instances of two versions may run side by side, so a single value that is new must not make a
/// whole list fail.
///
/// A value of the type is read by its name in serde, which is also its name in sqlx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Stored<T> {
    /// A value that this version knows.
    Known(T),
    /// The name of a value that only a later version knows.
    Unknown(String),
}

impl<T: Copy> Stored<T> {
    /// The value, if this version knows it.
    #[must_use]
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Unknown(_) => None,
        }
    }
}

impl<T: Copy + Into<&'static str>> Stored<T> {
    /// The name in the database.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(value) => (*value).into(),
            Self::Unknown(name) => name,
        }
    }
}

impl<T> From<T> for Stored<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: PartialEq> PartialEq<T> for Stored<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(value) if value == other)
    }
}

impl<DB: Database, T> Type<DB> for Stored<T>
where
    String: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        String::type_info()
    }

    fn compatible(of: &DB::TypeInfo) -> bool {
        String::compatible(of)
    }
}

impl<'r, DB: Database, T: DeserializeOwned> Decode<'r, DB> for Stored<T>
where
    String: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let name = String::decode(value)?;
        let known: Result<T, UnknownName> = T::deserialize(name.as_str().into_deserializer());
        Ok(known.map_or(Self::Unknown(name), Self::Known))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use sqlx::encode::IsNull;
    use sqlx::sqlite::SqliteArgumentValue;
    use sqlx::{Encode, Sqlite};

    use super::*;
    use crate::domain::account::invitation::Because;
    use crate::domain::audit_event::{Event, Outcome};
    use crate::domain::email::mail_kind::MailKind;
    use crate::domain::email::mail_state::MailState;
    use crate::domain::email::one_time_token::Purpose;
    use crate::domain::setup_step::SetupStep;
    use crate::domain::sign_in::session::EndReason;
    use crate::domain::sign_in::session_kind::SessionKind;

    /// The text that is written is the name by which the value is read.
    fn is_read_as_written<T>(value: T)
    where
        T: Copy + Debug + PartialEq + DeserializeOwned + for<'q> Encode<'q, Sqlite>,
    {
        let mut written = Vec::new();
        assert!(matches!(value.encode_by_ref(&mut written), Ok(IsNull::No)));
        let [SqliteArgumentValue::Text(text)] = written.as_slice() else {
            panic!("{value:?} is not written as text");
        };
        let read: Result<T, UnknownName> = T::deserialize(text.as_ref().into_deserializer());
        assert_eq!(read, Ok(value), "{text}");
    }

    #[test]
    fn every_value_is_read_as_it_is_written() {
        MailKind::ALL.iter().copied().for_each(is_read_as_written);
        MailState::ALL.into_iter().for_each(is_read_as_written);
        Event::ALL.iter().copied().for_each(is_read_as_written);
        [Outcome::Success, Outcome::Refused].into_iter().for_each(is_read_as_written);
        SetupStep::ALL.into_iter().for_each(is_read_as_written);
        [SessionKind::Browser, SessionKind::Program].into_iter().for_each(is_read_as_written);
        let reasons = [EndReason::SignedOut, EndReason::EndedByAdministrator, EndReason::MadeRoom];
        reasons.into_iter().for_each(is_read_as_written);
        [Because::Demoted, Because::NotMe].into_iter().for_each(is_read_as_written);
        [Purpose::HandedReset, Purpose::NotMe].into_iter().for_each(is_read_as_written);
    }

    #[test]
    fn a_value_of_a_later_version_keeps_its_name() {
        let stored: Stored<Outcome> = Stored::Unknown("postponed".into());
        assert_eq!((stored.known(), stored.name()), (None, "postponed"));
        assert_eq!(serde_json::to_value(&stored).unwrap(), "postponed");
        let stored = Stored::from(Outcome::Refused);
        assert_eq!((stored.known(), stored.name()), (Some(Outcome::Refused), "refused"));
        assert_eq!(serde_json::to_value(&stored).unwrap(), "refused");
    }
}
