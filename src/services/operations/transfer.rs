//! Everything that is kept, carried elsewhere as a whole: into one file, back again, or to PostgreSQL. The file is a SQLite database,
//! wherever the data came from.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use crate::db::copy::{self, Copied, Occupied, Progress};
use crate::db::{self, Db, Place, sqlite};
use crate::error::{Error, Result};
use crate::key_ring;
use crate::secret::{self, SealKey};

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
    aside.put_at_free(file)?;
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
    let backup = open_copy(file, &aside, seal).await.map_err(|error| match error {
        Error::Corrupt(_) | Error::Foreign | Error::Db(_) | Error::Migration(_) => {
            Error::NoBackup { file: file.display().to_string(), why: error.to_string() }
        }
        error => error,
    })?;
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
            let former = swap(aside, path, occupied, &copied).await?;
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
    let place = Place::Sqlite(path.to_owned());
    if db::is_in_use(&place).await? {
        return Err(Error::InUse(place.describe()));
    }
    let from = Db::look(&place).await?;
    from.must_be_current().await?;
    key_ring::check(&from, seal).await?;
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
    if db::is_in_use(place).await? {
        return Err(Error::InUse(place.describe()));
    }
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

/// Opens a copy of a backup, since bringing it up to date must not change the backup. Refuses what is none.
async fn open_copy(file: &Path, aside: &Aside, seal: &SealKey) -> Result<Db> {
    duplicate(file, &aside.0)?;
    // A plain copy of a database that was in use has part of it in a log beside it.
    let log = with_suffix(file, "-wal");
    if log.exists() {
        duplicate(&log, &with_suffix(&aside.0, "-wal"))?;
    }
    sqlite::verify(&aside.0).await?;
    // SQLite takes an empty file for a database: whatever it is, we have not made it.
    if !sqlite::has_migrations(&aside.0).await? {
        return Err(Error::Foreign);
    }
    let backup = Db::open(&Place::Sqlite(aside.0.clone())).await?;
    key_ring::check(&backup, seal).await?;
    let counted = copy::count(&backup).await?;
    if counted.rows("users") == 0 && counted.rows("signing_keys") == 0 {
        return Err(Error::Corrupt("there is nothing in it".into()));
    }
    Ok(backup)
}

/// Gives the file its place. Until the last step what was there is untouched, and from then on the new one is there as a whole.
/// Nobody opens a database in this folder meanwhile.
async fn swap(
    aside: Aside,
    path: &Path,
    occupied: Occupied,
    expected: &Copied,
) -> Result<Option<PathBuf>> {
    let _alone = sqlite::lock_folder(path).await?;
    let is_there = path.exists();
    if is_there {
        if sqlite::is_in_use(path).await? {
            return Err(Error::InUse(path.display().to_string()));
        }
        if occupied == Occupied::Refuse {
            return Err(Error::Occupied);
        }
        // What is damaged is kept as it is, with its log.
        match sqlite::seal(path).await {
            Err(error) if !error.is_damaged() => return Err(error),
            _ => {}
        }
    }
    let free = |n: &u32| {
        let former = with_suffix(path, &format!(".before-restore-{n}"));
        !former.exists() && LOGS.iter().all(|suffix| !with_suffix(&former, suffix).exists())
    };
    let former = (1..=u32::MAX).find(free).unwrap_or_default();
    let former = with_suffix(path, &format!(".before-restore-{former}"));
    let moving = format!("moving {} aside", path.display());
    // A log that was left behind would be played into the new file.
    for suffix in LOGS {
        let log = with_suffix(path, suffix);
        if log.exists() {
            fs::rename(&log, with_suffix(&former, suffix)).map_err(Error::io(&moving))?;
        }
    }
    if is_there && fs::hard_link(path, &former).is_err() {
        fs::rename(path, &former).map_err(Error::io(&moving))?; // a file system without links
    }
    aside.keep_owner(if is_there { Some(&former) } else { path.parent() });
    if let Err(error) = aside.put_at(path) {
        if is_there && !path.exists() {
            fs::rename(&former, path).map_err(Error::io(&moving))?;
        }
        return Err(error);
    }
    let there = Db::look(&Place::Sqlite(path.to_owned())).await?;
    let found = copy::count(&there).await?;
    there.close().await;
    if found == *expected {
        Ok(is_there.then_some(former))
    } else {
        Err(Error::Corrupt("what is there now is not what was in the backup".into()))
    }
}

fn must_exist(path: &Path) -> Result<()> {
    match path.metadata() {
        Ok(it) if it.is_file() => Ok(()),
        Ok(_) => Err(Error::Io(path.display().to_string(), io::Error::other("it is not a file"))),
        Err(error) => Err(Error::Io(path.display().to_string(), error)),
    }
}

/// What SQLite may have beside a file.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file that is being made, beside the place where it will be. Dropped before that, it goes away.
struct Aside(PathBuf);

impl Aside {
    fn of(path: &Path) -> Result<Self> {
        let name = secret::encode(&secret::random::<6>());
        let aside = Self(with_suffix(path, &format!(".{name}.partial")));
        let doing = format!("writing {}", aside.0.display());
        let mut options = fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&aside.0);
        file.map_err(Error::io(doing))?;
        Ok(aside)
    }

    /// The server goes on reading what was restored by somebody else, such as root.
    fn keep_owner(&self, like: Option<&Path>) {
        let like = like.map(|it| if it.as_os_str().is_empty() { Path::new(".") } else { it });
        if let Some(owner) = like.and_then(|it| it.metadata().ok()) {
            let _ = chown(&self.0, Some(owner.uid()), Some(owner.gid())); // only root may, and only root has to
        }
    }

    /// Gives it its name, once it is on the disk; what has the name is replaced.
    fn put_at(self, path: &Path) -> Result<()> {
        self.name(path, |from, to| fs::rename(from, to))
    }

    /// The same, where nothing may be replaced.
    fn put_at_free(self, path: &Path) -> Result<()> {
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

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
        for suffix in LOGS {
            let _ = fs::remove_file(with_suffix(&self.0, suffix));
        }
    }
}

/// Copies bytes; the copy is for its owner alone.
fn duplicate(from: &Path, to: &Path) -> Result<()> {
    let copied = || {
        let mut options = fs::OpenOptions::new();
        let mut target = options.write(true).create(true).truncate(true).mode(0o600).open(to)?;
        io::copy(&mut File::open(from)?, &mut target)?;
        target.sync_all()
    };
    copied().map_err(Error::io(format!("copying {}", from.display())))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
