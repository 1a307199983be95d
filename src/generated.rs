//! Files of the repository that are generated from the code. A test for each fails if it differs; `UPDATE_DOCS=1 cargo test --lib reference`
//! rewrites them.

use std::path::Path;

/// Checks that the file has this text, or writes it.
pub fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let present = std::fs::read_to_string(path).unwrap();
    assert!(
        present == text,
        "{file} differs from the code: UPDATE_DOCS=1 cargo test --lib reference"
    );
}
