//! Commands that fail: what they print, and their exit code.

use std::fmt::Display;
use std::process::ExitCode;

use super::exit_code::FAILED;
use crate::installation::docs_page::DocsPage;

/// The page as a line after an error.
pub fn help(page: DocsPage) -> String {
    format!("Help: {page}")
}

/// Prints why the command failed, and the page of the documentation that helps.
pub fn failed(why: impl Display, help: DocsPage) -> ExitCode {
    eprintln!("{why}\n{}", self::help(help));
    ExitCode::from(FAILED)
}
