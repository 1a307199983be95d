//! The files of `NAME_FILE`: each holds the value of one variable, as the secrets of Docker, Kubernetes and systemd do.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest value in bytes.
const MOST: u64 = 64 * 1_024;

/// The value of the variable `name`: the text of the file without the line end that editors add. `Err` completes a sentence that begins
/// with `NAME_FILE`. It repeats neither the path, which may be the value itself by mistake, nor the content.
pub fn read(path: &Path, name: &str) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("names a file that cannot be read: {error}");
    if path.is_dir() {
        return Err("names a folder. It must name a file with the value".into());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST {
        return Err(format!("names a file with more than {} KiB", MOST / 1_024));
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    let text = text.ok_or("names a file that is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.trim().is_empty() {
        return Err("names an empty file".into());
    }
    // `openssl rand -base64` breaks long keys into lines.
    if text.contains('\n') && name != "SECRET_KEY" {
        return Err("names a file with more than one line".into());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_value() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("value");
        let of = |bytes: &[u8], name: &str| {
            std::fs::write(&path, bytes).unwrap();
            read(&path, name)
        };
        for bytes in ["hunter2", "hunter2\n", "hunter2\r\n", "\u{feff}hunter2\n"] {
            assert_eq!(of(bytes.as_bytes(), "SMTP_URL").unwrap(), "hunter2", "{bytes:?}");
        }
        assert_eq!(of(b" hunter2 \n", "SMTP_URL").unwrap(), " hunter2 ");
        assert_eq!(of(b"hunter2\nhunter3\n", "SECRET_KEY").unwrap(), "hunter2\nhunter3");
        let large = "x".repeat(65_537);
        for (bytes, why) in [
            (&b""[..], "an empty file"),
            (b" \n", "an empty file"),
            (b"hunter2\n\n", "more than one line"),
            (b"hunter2\nhunter3", "more than one line"),
            (b"hunter2\xff", "not UTF-8"),
            (b"h\0u\0", "not UTF-8"),
            (large.as_bytes(), "more than 64 KiB"),
        ] {
            let found = of(bytes, "SMTP_URL").unwrap_err();
            assert!(found.contains(why) && !found.contains("hunter"), "{found}");
        }
        let found = read(&folder.path().join("hunter2"), "SMTP_URL").unwrap_err();
        assert!(found.contains("No such file") && !found.contains("hunter"), "{found}");
        assert!(read(folder.path(), "SMTP_URL").unwrap_err().contains("a folder"));
    }
}
