//! The file with the secret, if `SECRET_KEY` is not set.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::file_access;
use crate::secret::{self, Secret};

/// The minimum length of `SECRET_KEY`, in bytes.
pub const SECRET_LENGTH: usize = 32;

/// Whether reading the configuration may create a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretFile {
    /// Create `secret.key` if it does not exist.
    Create,
    /// Only read it. A temporary key replaces a file that does not exist yet.
    Look,
}

/// Reads `secret.key`, or creates it: 48 random bytes as text, readable only by its owner.
pub fn load(
    path: &Path,
    database: &Path,
    file: SecretFile,
) -> Result<(Secret<String>, Option<String>), String> {
    let shown = path.display();
    let failed = |error: std::io::Error| {
        let why = file_access::explain(path, &error);
        format!("SECRET_KEY is not set and {shown} cannot be used: {why}.")
    };
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= SECRET_LENGTH => {
            let mode = path.metadata().map_err(failed)?.permissions().mode();
            let warning = (mode & 0o077 != 0).then(|| {
                format!(
                    "{shown} can be read by other users of this machine. Run: chmod 600 {shown}"
                )
            });
            return Ok((Secret::new(text.trim().to_owned()), warning));
        }
        Ok(_) => {
            return Err(format!(
                "{shown} has fewer than {SECRET_LENGTH} characters. Restore the former key from your backup."
            ));
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        Err(_) => {}
    }
    if database.exists() {
        return Err(format!(
            "{shown} is missing, but the database {} exists and needs it. Restore the file from your backup, or set SECRET_KEY.",
            database.display()
        ));
    }
    let text = Secret::new(secret::encode(&secret::random::<48>()));
    if file == SecretFile::Look {
        return Ok((text, None));
    }
    // Written under a temporary name, then linked: no process reads a partial key, and if two start at the same time, one wins.
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let temporary = folder.join(format!(".secret.key.{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            file.write_all(text.reveal().as_bytes()).and_then(|()| file.sync_all())
        })
        .and_then(|()| std::fs::hard_link(&temporary, path))
        .and_then(|()| std::fs::File::open(folder)?.sync_all());
    let _ = std::fs::remove_file(&temporary);
    match written {
        Ok(()) => Ok((text, None)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(path).map_err(failed)?;
            Ok((Secret::new(text.trim().to_owned()), None))
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_created_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/secret.key");
        let database = folder.path().join("authflow.db");

        load(&path, &database, SecretFile::Look).unwrap();
        assert!(!path.exists(), "reading creates no file");
        let (made, _) = load(&path, &database, SecretFile::Create).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let (read, warning) = load(&path, &database, SecretFile::Create).unwrap();
        assert_eq!((made.reveal(), warning), (read.reveal(), None));
        assert_eq!(
            path.parent().unwrap().read_dir().unwrap().count(),
            1,
            "no temporary file is left"
        );

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let (_, warning) = load(&path, &database, SecretFile::Create).unwrap();
        assert!(warning.unwrap().contains("chmod 600"));

        std::fs::write(&path, "short").unwrap();
        assert!(load(&path, &database, SecretFile::Create).unwrap_err().contains("backup"));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&database, "").unwrap();
        let problem = load(&path, &database, SecretFile::Create).unwrap_err();
        assert!(problem.contains("is missing") && !path.exists(), "{problem}");
    }
}
