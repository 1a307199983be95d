//! Errors in the configuration of a PostgreSQL server.

/// Why a server cannot be used as configured. Never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerError {
    /// An error in the URL, or in a variable that supplements it.
    Url(String),
    /// The name of a setting for trusted authorities, and the error in it.
    Authorities(&'static str, String),
}

impl ServerError {
    /// A sentence for the operator, who gave the URL as `what`.
    #[must_use]
    pub fn sentence(&self, what: &str) -> String {
        match self {
            Self::Url(why) => format!("{what} {why}."),
            Self::Authorities(name, why) => format!("{name} {why}."),
        }
    }
}
