//! Logging to standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// The log levels of other crates. tower-sessions reports every expired browser state as suspicious. PostgreSQL sends a notice for each
/// `IF EXISTS`. Certificate errors are already part of the error that the caller reports.
const OTHER_CRATES: &str = "sqlx=warn,tower_sessions_core=off,rustls_platform_verifier=off";

/// Starts logging at `level` and above, or as `wanted` says (`RUST_LOG`).
pub fn start(format: LogFormat, level: &str, wanted: Option<&str>) {
    let default = || EnvFilter::new(format!("{level},{OTHER_CRATES}"));
    let filter = wanted.map_or_else(default, |wanted| {
        EnvFilter::try_new(wanted).unwrap_or_else(|error| {
            eprintln!("RUST_LOG cannot be parsed and has no effect: {error}");
            default()
        })
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}
