//! Checks whether files and folders can be written, and says who owns them and what to do if not.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::secret;

/// Tries to create a file in this folder or, if it does not exist, in its nearest existing parent. `Err`: the problem and its fix.
pub fn check_folder(path: &Path) -> Result<(), String> {
    probe(path).map_err(|error| refusal(path, true, &error))
}

/// The same for a folder that the operator names in a command. It is theirs, so there is no fix that changes its owner.
pub fn check_named_folder(path: &Path) -> Result<(), String> {
    let refused =
        |error| format!("{} cannot be written to: {}", absolute(path), explain_named(path, &error));
    probe(path).map_err(refused)
}

fn probe(path: &Path) -> io::Result<()> {
    let existing = nearest(path);
    let probe =
        existing.join(format!(".authflow-check-{}", secret::encode(&secret::random::<6>())));
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe);
    opened.and_then(|_| fs::remove_file(&probe))
}

/// Tries to open this file for reading and writing. `Err`: the problem and its fix.
pub fn check_file(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err(format!("{} is a folder, but it has to be a file", path.display()));
    }
    let opened = OpenOptions::new().read(true).append(true).open(path);
    opened.map(drop).map_err(|error| refusal(path, false, &error))
}

fn refusal(path: &Path, is_folder: bool, error: &io::Error) -> String {
    format!("{} cannot be written to: {}", path.display(), with_fix(path, is_folder, error))
}

/// The error of an operation on a file, with the fix.
pub fn explain(path: &Path, error: &io::Error) -> String {
    with_fix(path, false, error)
}

/// The error of an operation on a file that the operator names in a command. It is theirs, so there is no fix that changes its owner.
pub fn explain_named(path: &Path, error: &io::Error) -> String {
    if error.kind() != ErrorKind::PermissionDenied {
        return explain(path, error);
    }
    let blocking = nearest(path);
    let owners = blocking.metadata().ok().zip(fs::metadata("/proc/self").ok());
    let who = owners.map(|(owner, user)| {
        let (owner, user) = (name(owner.uid()), name(user.uid()));
        format!(". {} belongs to {owner}, and authflow runs as {user}", absolute(blocking))
    });
    format!("{error}{}", who.unwrap_or_default())
}

/// The error of reading a file that root or the service's user owns, with the fix.
pub fn explain_reading(path: &Path, error: &io::Error) -> String {
    let fix = match (error.kind(), path.metadata(), fs::metadata("/proc/self")) {
        (ErrorKind::PermissionDenied, Ok(file), Ok(process)) if file.uid() != process.uid() => {
            let (owner, user) = (name(file.uid()), name(process.uid()));
            let (group, shown) = (process.gid(), quoted(path));
            format!(
                ". It belongs to {owner}, but authflow runs as {user}. Run the command as the user of the service, or let this user read the \
                 file: `chgrp {group} {shown} && chmod g+r {shown}`"
            )
        }
        (ErrorKind::PermissionDenied, Err(_), Ok(process)) => {
            let user = name(process.uid());
            format!(". Its folder is closed to {user}. Run the command as the user of the service")
        }
        _ => return explain(path, error),
    };
    format!("{error}{fix}")
}

fn with_fix(path: &Path, is_folder: bool, error: &io::Error) -> String {
    let fix = match error.kind() {
        ErrorKind::PermissionDenied => permission(path, is_folder),
        ErrorKind::ReadOnlyFilesystem => Some(
            "Its file system is mounted read-only: mount it writable, or use another folder".into(),
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Some("Free some space on the disk".into())
        }
        ErrorKind::AlreadyExists => Some(
            "Something else has this name, such as a link to a folder that does not exist".into(),
        ),
        ErrorKind::NotADirectory => Some("A part of this path is a file, not a folder".into()),
        _ => None,
    };
    let fix = fix.map(|fix| format!(". {fix}")).unwrap_or_default();
    format!("{error}{fix}")
}

/// Who owns what blocks the way, who runs this program, and the command that gives access. The command never changes a folder of the whole
/// system, nor one further up than that which a missing file belongs to.
fn permission(path: &Path, is_folder: bool) -> Option<String> {
    let blocking = nearest(path);
    let owner = blocking.metadata().ok()?.uid();
    let user = fs::metadata("/proc/self").ok()?.uid();
    let (owned_by, run_by, shown) = (name(owner), name(user), quoted(blocking));
    let is_own_folder = path.parent() == Some(blocking) && blocking.file_name().is_some();
    let is_missing_folder = is_folder && blocking != path;
    if blocking.is_dir() && is_of_system(blocking) && (owner == user || !is_missing_folder) {
        return Some(format!(
            "{shown} belongs to the system. Use another folder, or create one in it for authflow"
        ));
    }
    let (what, fix) = if is_missing_folder {
        (format!("The folder {shown}"), format!("install -d -o {user} {}", quoted(path)))
    } else if blocking == path {
        ("It".to_owned(), format!("chown {user} {shown}"))
    } else if is_own_folder {
        (format!("The folder {shown}"), format!("chown {user} {shown}"))
    } else {
        return Some(format!(
            "The folder {shown} belongs to {owned_by}, but authflow runs as {run_by}"
        ));
    };
    Some(if owner == user {
        let rest =
            format!("but its mode or a rule of the system forbids it. Run: `chmod u+rwX {shown}`");
        format!("{what} belongs to {owned_by}, who runs authflow, {rest}")
    } else {
        let rest = format!("Run authflow as the owner, or run as root: `{fix}`");
        format!("{what} belongs to {owned_by}, but authflow runs as {run_by}. {rest}")
    })
}

/// Whether this is the root folder or one in it, such as `/etc`.
fn is_of_system(folder: &Path) -> bool {
    let whole = folder.canonicalize();
    whole.as_deref().unwrap_or(folder).components().count() <= 2
}

/// The path with the working directory before it, which users of `authflowctl` may not think of.
fn absolute(path: &Path) -> String {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    std::path::absolute(path).unwrap_or(path.to_owned()).display().to_string()
}

/// A path as an argument of a shell command.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// This path or, if it does not exist or cannot be seen, its nearest parent.
fn nearest(path: &Path) -> &Path {
    let found = path.ancestors().find(|it| it.as_os_str().is_empty() || it.metadata().is_ok());
    found.filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name of a user, with the number that `chown` and container settings take.
fn name(user: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut fields = users.lines().map(|line| line.split(':'));
    let name = fields.find_map(|mut fields| {
        let name = fields.next()?;
        (fields.nth(1)? == user.to_string()).then(|| name.to_owned())
    });
    match name {
        Some(name) => format!("{name} (user {user})"),
        None => format!("user {user}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_owner_the_user_and_the_command() {
        let error = || io::Error::from(ErrorKind::PermissionDenied);
        let user = fs::metadata("/proc/self").unwrap().uid();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authflow.db");
        fs::write(&file, "").unwrap();
        let shown = file.display();
        let own = refusal(&file, false, &error());
        assert!(own.ends_with(&format!("Run: `chmod u+rwX {shown}`")), "{own}");
        if user == 0 {
            std::os::unix::fs::chown(&file, Some(65_533), None).unwrap();
            let other = refusal(&file, false, &error());
            let said = format!(
                "It belongs to user 65533, but authflow runs as root (user 0). Run authflow as the owner, or run as root: `chown 0 {shown}`"
            );
            assert!(other.ends_with(&said), "{other}");
            std::os::unix::fs::chown(folder.path(), Some(65_533), None).unwrap();
            let shown = folder.path().display();
            let new = folder.path().join("new folder");
            let missing = refusal(&new, true, &error());
            let command = format!("run as root: `install -d -o 0 '{shown}/new folder'`");
            assert!(missing.ends_with(&command) && !missing.contains("chown"), "{missing}");
            let beside = explain(&folder.path().join("secret.key"), &error());
            assert!(beside.ends_with(&format!("run as root: `chown 0 {shown}`")), "{beside}");
            let deep = explain(&new.join("secret.key"), &error());
            assert!(!deep.contains("chown"), "a folder further up is not changed: {deep}");
        }
        for folder in ["/", "/etc", "/usr"].map(Path::new) {
            for said in
                [refusal(folder, true, &error()), explain(&folder.join("secret.key"), &error())]
            {
                let is_kept = !said.contains("chown") && said.contains("belongs to the system");
                assert!(is_kept, "{said}");
            }
            let missing = refusal(&folder.join("authflow-data"), true, &error());
            assert!(!missing.contains("chown") && !missing.contains("chmod"), "{missing}");
        }
        let named = explain_named(&file, &error());
        assert!(named.contains("belongs to") && !named.contains("chown"), "{named}");
        let read_only = refusal(&file, false, &io::Error::from(ErrorKind::ReadOnlyFilesystem));
        assert!(read_only.contains("mounted read-only"), "{read_only}");
    }

    #[test]
    fn what_cannot_be_a_file_or_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(check_file(folder.path()).unwrap_err().contains("is a folder"));
        assert!(check_folder(&file.join("deep/folder")).unwrap_err().contains("not a folder"));
        assert_eq!(check_folder(&folder.path().join("not/yet")), Ok(()));
        assert_eq!(check_file(&file), Ok(()));
    }
}
