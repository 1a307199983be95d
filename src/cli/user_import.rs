//! `authflow user import`

use std::io::{IsTerminal, Read as _};
use std::path::Path;

use serde_json::json;

use super::progress;
use super::user::CommandError;
use crate::app::App;
use crate::error::Error;
use crate::services::administration::import::{self, Imported, Plan};
use crate::services::administration::import_file::{self, BadLine, Format};
use crate::services::audit::Actor;

/// How many bad lines a person is shown; a program gets all.
const SHOWN: usize = 100;

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    /// Leave bad lines out and take the others.
    pub skip_bad: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// For programs.
    pub json: bool,
}

/// Reads the file, finds all that is wrong, and imports what is good.
pub async fn run(
    app: &App,
    actor: Actor<'_>,
    file: &Path,
    wishes: Wishes,
) -> Result<(), CommandError> {
    let doing = format!("reading {}", file.display());
    let mut bytes = Vec::new();
    let filled = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    filled.map_err(Error::io(doing))?;
    let format = Format::guess(&file.to_string_lossy(), &bytes);
    let read = import_file::read(&bytes, format).map_err(CommandError::Refused)?;
    drop(bytes);
    let plan = import::plan(app, read).await?;
    let is_refused = !plan.bad.is_empty() && !wishes.skip_bad;
    let done = if wishes.dry_run || is_refused {
        Imported { imported: 0, already_there: plan.already_there }
    } else {
        let bar = progress::bar("importing", "accounts");
        let show = |done, total| progress::show(&bar, done, total);
        let done = import::carry_out(app, actor, &plan, &show).await?;
        bar.finish_and_clear();
        done
    };
    tell(&plan, done, wishes);
    if is_refused {
        let count = plan.bad.iter().map(|bad| bad.line).collect::<std::collections::BTreeSet<_>>();
        return Err(CommandError::Refused(format!(
            "Nothing was imported: mend {} of the file, or leave them out with --skip-bad.",
            counted(count.len(), "line", "lines")
        )));
    }
    Ok(())
}

fn tell(plan: &Plan, done: Imported, wishes: Wishes) {
    if wishes.json {
        let told = json!({
            "imported": done.imported,
            "already_there": done.already_there,
            "new": plan.new.len(),
            "bad": plan.bad,
        });
        println!("{told}");
        return;
    }
    for BadLine { line, field, problem } in plan.bad.iter().take(SHOWN) {
        match field {
            Some(field) => eprintln!("line {line}, {field}: {problem}"),
            None => eprintln!("line {line}: {problem}"),
        }
    }
    if plan.bad.len() > SHOWN {
        eprintln!("… and {} more; --json tells all.", plan.bad.len() - SHOWN);
    }
    if std::io::stderr().is_terminal() && !plan.bad.is_empty() {
        eprintln!();
    }
    if wishes.dry_run {
        println!("{} can be imported.", counted(plan.new.len(), "account", "accounts"));
    } else if plan.bad.is_empty() || wishes.skip_bad {
        let imported = usize::try_from(done.imported).unwrap_or(usize::MAX);
        println!("{} imported.", counted(imported, "account", "accounts"));
    }
    if done.already_there > 0 {
        println!("{} were there already and stay as they are.", done.already_there);
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
