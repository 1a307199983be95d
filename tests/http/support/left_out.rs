//! Says what a test run leaves out.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Says once what is not tested here, and why. Straight to stderr, because the test harness shows what the print macros
/// of a passing test write only with `--nocapture`.
pub fn left_out(what: &str, why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(what.to_owned()) {
        // One write, so that no other test writes in between.
        let line = format!("\nNot tested: {what}: {why}.\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}
