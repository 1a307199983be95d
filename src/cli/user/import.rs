//! `authflow user import`

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::error::CommandError;
use crate::app::App;
use crate::cli::failure;
use crate::cli::progress;
use crate::domain::quantity::counted;
use crate::file_access;
use crate::installation::authflow;
use crate::installation::docs_page::DocsPage;
use crate::services::administration::import::{self, Imported, Plan};
use crate::services::administration::import_file::{self, BadLine, Format};
use crate::services::audit::Actor;

/// The maximum number of bad lines to print; `--json` prints all.
const SHOWN: usize = 100;

#[derive(Args, Debug)]
pub struct ImportArguments {
    /// A .csv or .jsonl file; - for standard input.
    file: PathBuf,
    /// Skip bad lines and import the others.
    #[arg(long)]
    skip_bad: bool,
    /// Report bad lines and what would be imported, without importing anything.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Checks the whole file, then imports the good lines.
pub async fn run(
    app: &App,
    actor: Actor<'_>,
    arguments: ImportArguments,
) -> Result<(), CommandError> {
    let bytes = read(&arguments.file).map_err(|error| {
        let (file, why) =
            (arguments.file.display(), file_access::explain_named(&arguments.file, &error));
        CommandError::Refused(format!(
            "{file} cannot be read: {why}. To read it as yourself: {} user import - < {file}",
            authflow()
        ))
    })?;
    let format = Format::guess(&arguments.file.to_string_lossy(), &bytes);
    let read = import_file::read(&bytes, format, app.languages).map_err(CommandError::Refused)?;
    drop(bytes);
    let plan = import::plan(app, read).await?;
    let is_refused = !plan.bad.is_empty() && !arguments.skip_bad;
    let done = if arguments.dry_run || is_refused {
        Imported { imported: 0, already_there: plan.already_there }
    } else {
        let bar = progress::bar("importing", "accounts");
        let show = |done, total| progress::show(&bar, done, total);
        let done = import::carry_out(app, actor, &plan, &show).await?;
        bar.finish_and_clear();
        done
    };
    print(&plan, done, &arguments);
    if is_refused {
        let bad: BTreeSet<_> = plan.bad.iter().map(|bad| bad.line).collect();
        return Err(CommandError::Refused(format!(
            "Nothing was imported. Fix {} of the file, or skip bad lines with --skip-bad.",
            counted(bad.len(), "line", "lines")
        )));
    }
    Ok(())
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn print(plan: &Plan, done: Imported, arguments: &ImportArguments) {
    if arguments.json {
        let report = json!({
            "imported": done.imported,
            "already_there": done.already_there,
            "new": plan.new.len(),
            "bad": plan.bad,
        });
        println!("{report}");
        return;
    }
    for BadLine { line, field, problem } in plan.bad.iter().take(SHOWN) {
        match field {
            Some(field) => eprintln!("line {line}, {field}: {problem}"),
            None => eprintln!("line {line}: {problem}"),
        }
    }
    if plan.bad.len() > SHOWN {
        eprintln!("… and {} more. --json prints all.", plan.bad.len() - SHOWN);
    }
    if !plan.bad.is_empty() {
        eprintln!("{}", failure::help(DocsPage::Import));
    }
    if io::stderr().is_terminal() && !plan.bad.is_empty() {
        eprint!("\n");
    }
    if arguments.dry_run {
        println!("{} can be imported.", counted(plan.new.len(), "account", "accounts"));
    } else if plan.bad.is_empty() || arguments.skip_bad {
        println!("{} imported.", counted(done.imported, "account", "accounts"));
    }
    if done.already_there > 0 {
        let (one, many) = ("exists already and was", "exist already and were");
        println!("{} not changed.", counted(done.already_there, one, many));
    }
}
