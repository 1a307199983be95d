//! Detects network file systems, where SQLite cannot rely on locks and shared memory (sqlite.org/wal.html, "Use of WAL Without
//! Shared-Memory"; sqlite.org/howtocorrupt.html, section 2).

use std::path::Path;

/// The type of the file system that contains `path`, if it is a network file system. If the path does not exist, its nearest existing
/// parent counts.
#[must_use]
pub fn network_file_system(path: &Path) -> Option<String> {
    let existing = path.ancestors().find_map(|it| {
        let it = if it.as_os_str().is_empty() { Path::new(".") } else { it };
        it.canonicalize().ok()
    })?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = kind_of(&mounts, &existing)?;
    is_network(kind).then(|| kind.to_owned())
}

/// The type of the file system that contains `path`, from the text of `/proc/self/mountinfo` (`man 5 proc_pid_mountinfo`).
fn kind_of<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let holding = mounts.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let point = unescape(mount.split(' ').nth(4)?);
        let depth = path.starts_with(&point).then(|| Path::new(&point).components().count())?;
        Some((depth, file_system.split(' ').next()?))
    });
    // Of two mounts at one path, the later one hides the earlier one.
    holding.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind)
}

/// `mountinfo` writes whitespace and backslashes as three octal digits.
fn unescape(text: &str) -> String {
    ["\\040", "\\011", "\\012", "\\134"]
        .iter()
        .zip([" ", "\t", "\n", "\\"])
        .fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain))
}

fn is_network(kind: &str) -> bool {
    const KINDS: [&str; 16] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "coda",
        "gfs2",
        "glusterfs",
        "lustre",
        "ncpfs",
        "ocfs2",
        "orangefs",
        "virtiofs",
    ];
    const FUSE: [&str; 7] = ["sshfs", "glusterfs", "ceph", "s3fs", "rclone", "davfs", "smbnetfs"];
    let fuse = kind.strip_prefix("fuse.");
    KINDS.contains(&kind) || fuse.is_some_and(|it| FUSE.iter().any(|name| it.starts_with(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:26 / /srv rw - nfs4 server:/export rw
31 30 0:27 / /srv/local rw - xfs /dev/sdb1 rw
32 22 0:28 / /mnt/my\\040share rw master:3 - cifs //server/share rw
33 22 0:29 / /over rw - ext4 /dev/sdc1 rw
34 33 0:30 / /over rw - fuse.sshfs me@server: rw
35 22 0:31 / /home rw - fuse.mergerfs a:b rw";

    #[test]
    fn the_nearest_mount_counts() {
        for (path, kind, network) in [
            ("/var/lib/authflow", "ext4", false),
            ("/srv", "nfs4", true),
            ("/srv/authflow/data", "nfs4", true),
            ("/srvice", "ext4", false),
            ("/srv/local/data", "xfs", false),
            ("/mnt/my share/data", "cifs", true),
            ("/over/data", "fuse.sshfs", true),
            ("/home/me", "fuse.mergerfs", false),
        ] {
            assert_eq!(kind_of(MOUNTS, Path::new(path)), Some(kind), "{path}");
            assert_eq!(is_network(kind), network, "{kind}");
        }
        assert_eq!(kind_of("garbage", Path::new("/")), None);
    }

    #[test]
    fn for_a_path_that_does_not_exist_its_parent_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(network_file_system(&folder.path().join("not/there/yet.db")), None);
    }
}
