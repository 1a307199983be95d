//! A file that gets its name only once it is complete.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use crate::db::error::{Error, Result};
use crate::db::sqlite::file::{LOGS, with_suffix};
use crate::secret;

/// A file with a temporary name, beside its final path. Dropping it deletes it.
#[derive(Debug)]
pub struct PartialFile(PathBuf);

impl PartialFile {
    /// Creates an empty file that will become `path`.
    pub fn beside(path: &Path) -> Result<Self> {
        let name = secret::encode(&secret::random::<6>());
        let partial = Self(with_suffix(path, &format!(".{name}.partial")));
        let doing = format!("writing {}", partial.0.display());
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&partial.0);
        file.map_err(Error::io(doing))?;
        Ok(partial)
    }

    /// Its temporary path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it the owner of `like`: the server must be able to read what root has restored.
    pub fn keep_owner(&self, like: Option<&Path>) {
        let like = like.map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
        if let Some(owner) = like.and_then(|it| it.metadata().ok()) {
            let _ = chown(&self.0, Some(owner.uid()), Some(owner.gid())); // only root is allowed to, and only root needs to
        }
    }

    /// Renames it to `path` once it is on the disk. Replaces an existing file.
    pub fn replace(self, path: &Path) -> Result<()> {
        self.name(path, |from, to| fs::rename(from, to))
    }

    /// Renames it to `path` once it is on the disk. Fails if `path` exists.
    pub fn persist(self, path: &Path) -> Result<()> {
        self.name(path, |from, to| match fs::hard_link(from, to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            Err(_) => fs::rename(from, to), // a file system without links
            Ok(()) => fs::remove_file(from),
        })
    }

    fn name(&self, path: &Path, give: fn(&Path, &Path) -> io::Result<()>) -> Result<()> {
        let named = || {
            File::open(&self.0)?.sync_all()?;
            give(&self.0, path)?;
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        named().map_err(Error::io(format!("writing {}", path.display())))
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        for suffix in LOGS {
            let _ = fs::remove_file(with_suffix(&self.0, suffix));
        }
    }
}

/// Fails unless `path` is an existing file.
pub fn must_exist(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(it) if it.is_file() => Ok(()),
        Ok(_) => Err(Error::Io(path.display().to_string(), io::Error::other("it is not a file"))),
        Err(error) => Err(Error::Io(path.display().to_string(), error)),
    }
}

/// Copies a file into one that only its owner may read.
pub fn duplicate(from: &Path, to: &Path) -> Result<()> {
    let copied = || {
        let mut options = fs::OpenOptions::new();
        let mut target = options.write(true).create(true).truncate(true).mode(0o600).open(to)?;
        io::copy(&mut File::open(from)?, &mut target)?;
        target.sync_all()
    };
    copied().map_err(Error::io(format!("copying {}", from.display())))
}
