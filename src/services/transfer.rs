//! Everything that is kept, carried elsewhere as a whole: into one file, back again, or to PostgreSQL. The file is a SQLite database,
//! wherever the data came from.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::db::copy::{self, Copied, Occupied, Progress};
use crate::db::{Db, Place, sqlite};
use crate::error::{Error, Result};
use crate::secret::SealKey;
use crate::services::keys;

/// Writes everything into a new file, while the server goes on: one moment of it, compared row by row, and checked as a file
/// before it gets its name.
pub async fn back_up(place: &Place, file: &Path, progress: Progress<'_>) -> Result<Copied> {
    if file.exists() {
        return Err(Error::Exists(file.display().to_string()));
    }
    if let Place::Sqlite(path) = place {
        must_exist(path)?;
    }
    let from = Db::look(place).await?;
    from.must_be_current().await?;
    let aside = Aside::of(file)?;
    let to = Db::open(&Place::Sqlite(aside.0.clone())).await?;
    let copied = copy::copy(&from, &to, Occupied::Refuse, progress).await?;
    to.close().await;
    from.close().await;
    sqlite::seal(&aside.0).await?;
    sqlite::verify(&aside.0).await?;
    aside.put_at(file)?;
    Ok(copied)
}

/// Puts a backup where the data lies: checked, brought up to date and opened with the secret of today before anything there is
/// touched. What was there is refused or, to be replaced, kept beside it (SQLite) or removed (PostgreSQL).
pub async fn restore(
    file: &Path,
    place: &Place,
    data_dir: &Path,
    seal: &SealKey,
    occupied: Occupied,
    progress: Progress<'_>,
) -> Result<Restored> {
    must_exist(file)?;
    let path = match place {
        Place::Sqlite(path) => path.clone(),
        Place::Postgres { .. } => data_dir.join("restore.db"),
    };
    sqlite::make_folder(&path)?;
    let aside = Aside::of(&path)?;
    // A copy, since bringing it up to date must not change the backup.
    duplicate(file, &aside.0)?;
    duplicate_log(file, &aside.0)?;
    sqlite::verify(&aside.0).await?;
    let backup = Db::open(&Place::Sqlite(aside.0.clone())).await?;
    keys::check(&backup, seal).await?;

    match place {
        Place::Postgres { .. } => {
            let copied = into_postgres(&backup, place, occupied, progress).await?;
            backup.close().await;
            Ok(Restored { copied, former: None })
        }
        Place::Sqlite(path) => {
            let copied = copy::count(&backup).await?;
            backup.close().await;
            sqlite::seal(&aside.0).await?;
            let former = make_room(path, occupied).await?;
            aside.put_at(path)?;
            Ok(Restored { copied, former })
        }
    }
}

/// Moves a SQLite database to PostgreSQL. Nobody may be writing to it; whoever is signed in stays so under the same `SECRET_KEY`.
/// Broken off, nothing is there; repeated, it finds that all is.
pub async fn move_to(
    path: &Path,
    to: &Place,
    seal: &SealKey,
    occupied: Occupied,
    progress: Progress<'_>,
) -> Result<Copied> {
    must_exist(path)?;
    if sqlite::is_in_use(path).await? {
        return Err(Error::InUse(path.display().to_string()));
    }
    let from = Db::look(&Place::Sqlite(path.to_owned())).await?;
    from.must_be_current().await?;
    keys::check(&from, seal).await?;
    let copied = into_postgres(&from, to, occupied, progress).await;
    from.close().await;
    copied
}

async fn into_postgres(
    from: &Db,
    place: &Place,
    occupied: Occupied,
    progress: Progress<'_>,
) -> Result<Copied> {
    Db::open(place).await?.close().await; // up to date
    let to = Db::look(place).await?;
    let copied = copy::copy(from, &to, occupied, progress).await;
    to.close().await;
    copied
}

/// What a restore did.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What is there now.
    pub copied: Copied,
    /// Where the file lies that was there before.
    pub former: Option<PathBuf>,
}

/// Moves the file at `path` aside, if there is one.
async fn make_room(path: &Path, occupied: Occupied) -> Result<Option<PathBuf>> {
    if !path.exists() {
        return Ok(None);
    }
    if sqlite::is_in_use(path).await? {
        return Err(Error::InUse(path.display().to_string()));
    }
    if occupied == Occupied::Refuse {
        return Err(Error::Occupied);
    }
    sqlite::seal(path).await?;
    let former = (1..).map(|n| with_suffix(path, &format!(".before-restore-{n}")));
    let former = former.into_iter().find(|it| !it.exists()).unwrap_or_default();
    fs::rename(path, &former).map_err(Error::io(format!("moving {} aside", path.display())))?;
    Ok(Some(former))
}

fn must_exist(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(it) if it.is_file() => Ok(()),
        Ok(_) => Err(Error::Io(path.display().to_string(), io::Error::other("it is not a file"))),
        Err(error) => Err(Error::Io(path.display().to_string(), error)),
    }
}

/// A file that is being made, beside the place where it will be. Dropped before that, it goes away.
struct Aside(PathBuf);

impl Aside {
    fn of(path: &Path) -> Result<Self> {
        let aside = Self(with_suffix(path, &format!(".{}.partial", std::process::id())));
        let doing = format!("writing {}", aside.0.display());
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&aside.0);
        file.map_err(Error::io(doing))?;
        Ok(aside)
    }

    /// Gives it its name, once it is on the disk.
    fn put_at(self, path: &Path) -> Result<()> {
        let named = || {
            File::open(&self.0)?.sync_all()?;
            fs::rename(&self.0, path)?;
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        named().map_err(Error::io(format!("writing {}", path.display())))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(with_suffix(&self.0, suffix));
        }
    }
}

/// Copies bytes; the copy keeps the mode that it was made with.
fn duplicate(from: &Path, to: &Path) -> Result<()> {
    let copied = || {
        let mut target =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(to)?;
        io::copy(&mut File::open(from)?, &mut target)?;
        target.sync_all()
    };
    copied().map_err(Error::io(format!("copying {}", from.display())))
}

/// A plain copy of a database that was in use has part of it in a log beside it.
fn duplicate_log(from: &Path, to: &Path) -> Result<()> {
    let log = with_suffix(from, "-wal");
    if log.exists() { duplicate(&log, &with_suffix(to, "-wal")) } else { Ok(()) }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
