//! What is installed beside the program: the command with which operators run it, and the documentation.

pub mod docs_page;

use std::path::Path;
use std::sync::LazyLock;

/// How an operator starts a command line here. Where `authflowctl` is installed, only that has the settings of the service.
#[must_use]
pub fn authflow() -> &'static str {
    if is_service() { "sudo authflowctl" } else { "authflow" }
}

/// Whether systemd runs authflow here, with the unit of the Debian package or of the documentation.
#[must_use]
pub fn is_service() -> bool {
    static IS_SERVICE: LazyLock<bool> = LazyLock::new(|| {
        let program = std::env::current_exe().unwrap_or_default();
        has_authflowctl(&program)
    });
    *IS_SERVICE
}

/// Whether `sbin` beside the folder of the program has `authflowctl`, as after the steps in `docs/install.md` and in the Debian package.
fn has_authflowctl(program: &Path) -> bool {
    program.ancestors().nth(2).is_some_and(|prefix| prefix.join("sbin/authflowctl").exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn authflowctl_counts_only_where_it_is_installed_with_the_program() {
        let prefix = TempDir::new().unwrap();
        let program = prefix.path().join("bin/authflow");
        assert!(!has_authflowctl(&program) && !has_authflowctl(Path::new("")));
        fs::create_dir(prefix.path().join("sbin")).unwrap();
        fs::write(prefix.path().join("sbin/authflowctl"), "").unwrap();
        assert!(has_authflowctl(&program));
        assert!(!has_authflowctl(&prefix.path().join("target/debug/authflow")));
    }
}
