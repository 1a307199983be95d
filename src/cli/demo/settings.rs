//! The configuration of the demo. The environment and `.env` have no effect on it, except for the log.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::DemoError;
use crate::config::{Config, SecretFile};

/// The role that the sample app requires.
pub const ROLE: &str = "family";
/// The variables that keep their effect.
const OF_ENVIRONMENT: [&str; 2] = ["LOG_FORMAT", "RUST_LOG"];

/// The configuration with its data in `folder`.
pub fn read(folder: &Path, port: u16, app_port: u16) -> Result<Config, DemoError> {
    let folder = folder.to_str().ok_or(DemoError::Folder)?;
    let mut variables = variables(folder, port, app_port);
    for name in OF_ENVIRONMENT {
        if let Ok(value) = std::env::var(name) {
            variables.insert(name.to_owned(), value);
        }
    }
    let loaded = Config::read(variables, SecretFile::Create).map_err(DemoError::Settings)?;
    Ok(loaded.config)
}

fn variables(folder: &str, port: u16, app_port: u16) -> BTreeMap<String, String> {
    let variables = [
        ("HOST", "127.0.0.1".to_owned()),
        ("PORT", port.to_string()),
        ("PUBLIC_URL", format!("http://localhost:{port}")),
        ("DATA_DIR", folder.to_owned()),
        ("SITE_NAME", "authflow demo".to_owned()),
        ("REGISTRATION", "approval".to_owned()),
        ("MAIL_TRANSPORT", "file".to_owned()),
        ("GATE_ORIGINS", format!("Sample app=http://app.localhost:{app_port}")),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_cause_no_warning_and_show_the_emails() {
        let folder = tempfile::tempdir().unwrap();
        let variables = variables(folder.path().to_str().unwrap(), 5_000, 5_001);
        let loaded = Config::read(variables, SecretFile::Look).unwrap();
        assert_eq!(loaded.warnings, [""; 0]);
        assert!(loaded.config.listen.ip().is_loopback());
        assert!(loaded.config.mailbox().is_some_and(|it| it.starts_with(folder.path())));
        assert!(loaded.config.verification_required);
    }
}
