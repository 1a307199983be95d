//! The results of reading the configuration.

use std::fmt;

use super::settings::Config;

/// All problems of the configuration: one sentence each, with the name of the variable and the fix.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The configuration cannot be used:")?;
        self.0.iter().try_for_each(|problem| writeln!(f, "  - {problem}"))
    }
}

impl std::error::Error for Problems {}

/// A valid configuration, with warnings.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Settings that work, but probably not as intended: one sentence each.
    pub warnings: Vec<String>,
}
