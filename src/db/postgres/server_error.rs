//! What is wrong with the description of a PostgreSQL server.

/// Why a server cannot be used as it is configured. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerError {
    /// Something in the URL, or in a variable that goes with it.
    Url(String),
    /// The name of a setting with trusted authorities, and what is wrong with it.
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
