//! `authflow user export`

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CommandError;
use crate::app::App;
use crate::domain::quantity::counted;
use crate::error::Error;
use crate::file_access;
use crate::installation::authflow;
use crate::services::administration::user_export;
use crate::services::audit::Actor;

#[derive(Args, Debug)]
pub struct ExportArguments {
    /// The file to create; must not exist. - for standard output.
    file: PathBuf,
    /// Include password hashes. Protect the file like the passwords themselves.
    #[arg(long)]
    password_hashes: bool,
}

/// Writes accounts as it reads them, so that memory use does not grow with their number.
pub async fn run(
    app: &App,
    actor: Actor<'_>,
    arguments: ExportArguments,
) -> Result<(), CommandError> {
    let ExportArguments { file, password_hashes } = arguments;
    let doing = format!("writing {}", file.display());
    let is_stdout = file == Path::new("-");
    let to: Box<dyn Write> = if is_stdout {
        Box::new(io::stdout())
    } else {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        Box::new(opened.map_err(|error| {
            let (shown, why) = (file.display(), file_access::explain_named(&file, &error));
            CommandError::Refused(format!(
                "{shown} cannot be written: {why}. To write it as yourself: {} user export - > {shown}",
                authflow()
            ))
        })?)
    };
    let mut to = BufWriter::new(to);
    let mut export = user_export::begin(app, actor, password_hashes).await?;
    let mut count = 0;
    loop {
        let lines = user_export::next(app, &mut export).await?;
        if lines.is_empty() {
            break;
        }
        count += lines.len();
        for line in lines {
            let text = serde_json::to_string(&line).map_err(Error::from)?;
            writeln!(to, "{text}").map_err(Error::io(&doing))?;
        }
    }
    to.flush().map_err(Error::io(&doing))?;
    if !is_stdout {
        let accounts = counted(count, "account", "accounts");
        eprintln!("{accounts} exported to {}.", file.display());
    }
    Ok(())
}
