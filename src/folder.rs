//! Checks whether folders are writable.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Tries to create a file in this folder or, if it does not exist, in its nearest existing parent.
pub fn check_writable(path: &Path) -> Result<(), String> {
    let existing =
        path.ancestors().find(|it| it.exists() || it.as_os_str().is_empty()).unwrap_or(path);
    let existing = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
    let probe = existing.join(format!(".authflow-check-{}", std::process::id()));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&probe)
        .and_then(|_| fs::remove_file(&probe))
        .map_err(|error| format!("{} cannot be written to: {error}", existing.display()))
}
