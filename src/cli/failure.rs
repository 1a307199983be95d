//! Commands that fail: what they print, and their exit code.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use super::exit_code::FAILED;
use crate::domain::docs_page::DocsPage;

/// Where a Debian package has the documentation.
const INSTALLED: &str = "/usr/share/doc/authflow";

/// The page as a line after an error: in the installed documentation, if there is one.
pub fn help(page: DocsPage) -> String {
    let installed = Path::new(INSTALLED).join("docs");
    if installed.is_dir() { format!("Help: {INSTALLED}/{page}") } else { format!("Help: {page}") }
}

/// Prints why the command failed, and the page of the documentation that helps.
pub fn failed(why: impl Display, help: DocsPage) -> ExitCode {
    eprintln!("{why}\n{}", self::help(help));
    ExitCode::from(FAILED)
}
