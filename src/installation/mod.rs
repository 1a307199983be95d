//! What is installed beside the program: the command with which operators run it, and the documentation.

pub mod docs_page;

use std::ffi::OsStr;
use std::path::Path;
use std::sync::LazyLock;

/// The data of the service, which its unit and `authflowctl` set.
const SERVICE_DATA: &str = "/var/lib/authflow";

/// How an operator runs commands here. Where this process is the service, or a command about it, only `authflowctl` uses the service's settings.
#[must_use]
pub fn authflow() -> &'static str {
    if is_service() { "sudo authflowctl" } else { "authflow" }
}

/// Whether this process belongs to the service of the Debian package or of `docs/install.md`: the server or a command of `authflowctl`.
#[must_use]
pub fn is_service() -> bool {
    static IS_SERVICE: LazyLock<bool> = LazyLock::new(|| {
        let program = std::env::current_exe().unwrap_or_default();
        belongs_to_service(&program, std::env::var_os("DATA_DIR").as_deref())
    });
    *IS_SERVICE
}

/// Whether systemd runs this service.
#[must_use]
pub fn has_systemd() -> bool {
    is_service() && Path::new("/run/systemd/system").exists()
}

/// `data`: the variable `DATA_DIR`. `authflowctl` is in `sbin`, beside the folder of the program.
fn belongs_to_service(program: &Path, data: Option<&OsStr>) -> bool {
    let has_command =
        program.ancestors().nth(2).is_some_and(|prefix| prefix.join("sbin/authflowctl").exists());
    has_command && data == Some(OsStr::new(SERVICE_DATA))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_process_belongs_to_the_service_if_it_is_installed_with_authflowctl_and_has_its_data() {
        let prefix = TempDir::new().unwrap();
        let program = prefix.path().join("bin/authflow");
        let data = Some(OsStr::new(SERVICE_DATA));
        assert!(!belongs_to_service(&program, data) && !belongs_to_service(Path::new(""), data));
        fs::create_dir(prefix.path().join("sbin")).unwrap();
        fs::write(prefix.path().join("sbin/authflowctl"), "").unwrap();
        assert!(belongs_to_service(&program, data));
        assert!(!belongs_to_service(&program, None));
        assert!(!belongs_to_service(&program, Some(OsStr::new("data"))));
        assert!(!belongs_to_service(&prefix.path().join("target/debug/authflow"), data));
    }
}
