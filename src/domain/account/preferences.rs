//! How a user wants to read pages and emails.

use serde::Serialize;

/// The settings of an account. `None`: not set, so that the browser and the configuration decide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Preferences {
    /// The code of the language (BCP 47). A later version may no longer have it.
    pub language: Option<String>,
    /// The name of the time zone in the IANA database.
    pub time_zone: Option<String>,
}
