//! The pages of the documentation that errors and findings name.

use std::fmt;
use std::path::Path;

use serde::{Serialize, Serializer};

/// Where a Debian package has the documentation.
const INSTALLED: &str = "/usr/share/doc/authflow";

/// A page of the documentation, perhaps a section of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocsPage {
    /// All settings.
    Configuration,
    /// How the client's address is found.
    ClientAddress,
    /// How emails are sent.
    Email,
    /// The databases, and what to do when one cannot be used.
    Database,
    /// PostgreSQL, and TLS to it.
    PostgreSql,
    /// Backup and restore.
    Backup,
    /// Moving accounts here from another system.
    Import,
    /// Apps behind the gate.
    Gate,
    /// Requests that the gate refuses.
    GateRefusals,
    /// What keeps accounts safe.
    Security,
    /// The way from the browser through the reverse proxy.
    Troubleshooting,
    /// Certificates of an authority that this machine does not trust.
    Certificates,
    /// Signing keys and services that verify tokens.
    VerifyTokens,
}

impl DocsPage {
    /// All pages that are named somewhere.
    pub const ALL: [Self; 13] = [
        Self::Configuration,
        Self::ClientAddress,
        Self::Email,
        Self::Database,
        Self::PostgreSql,
        Self::Backup,
        Self::Import,
        Self::Gate,
        Self::GateRefusals,
        Self::Security,
        Self::Troubleshooting,
        Self::Certificates,
        Self::VerifyTokens,
    ];

    /// The file and the section, relative to the root of the repository. A Debian package has the same files in `/usr/share/doc/authflow`.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Configuration => "docs/configuration.md",
            Self::ClientAddress => "docs/configuration.md#the-clients-address",
            Self::Email => "docs/email.md",
            Self::Database => "docs/troubleshooting.md#the-database-cannot-be-used",
            Self::PostgreSql => "docs/postgresql.md",
            Self::Backup => "docs/backup.md",
            Self::Import => "docs/users.md#import-accounts-from-another-system",
            Self::Gate => "docs/guard/index.md",
            Self::GateRefusals => "docs/troubleshooting.md#the-gate-responds-with-403",
            Self::Security => "docs/security.md",
            Self::Troubleshooting => "docs/troubleshooting.md",
            Self::Certificates => "docs/troubleshooting.md#the-certificate-is-not-trusted",
            Self::VerifyTokens => "docs/verify-tokens.md",
        }
    }
}

impl Serialize for DocsPage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.path())
    }
}

/// The path in the installed documentation, if there is one.
impl fmt::Display for DocsPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if Path::new(INSTALLED).join("docs").is_dir() {
            write!(f, "{INSTALLED}/")?;
        }
        f.write_str(self.path())
    }
}
