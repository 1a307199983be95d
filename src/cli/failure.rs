//! Commands that fail: what they print, and their exit code.

use std::fmt::Display;
use std::process::ExitCode;

use super::exit_code::FAILED;
use crate::domain::docs_page::DocsPage;

/// Prints why the command failed, and the page of the documentation that helps.
pub fn failed(why: impl Display, help: DocsPage) -> ExitCode {
    eprintln!("{why}\n{}", help.sentence());
    ExitCode::from(FAILED)
}
