//! Progress of long commands: a bar in a terminal, nothing in scripts.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::db::transfer::{Copied, ExistingData};
use crate::domain::quantity::counted;

/// A bar on standard error, hidden until the first [`show`]. indicatif shows none if standard error is not a terminal.
pub fn bar(doing: &str, things: &str) -> ProgressBar {
    let bar = ProgressBar::hidden();
    let template =
        format!("{doing} {{bar:30}} {{human_pos}} of {{human_len}} {things}, {{eta}} left");
    let style = ProgressStyle::with_template(&template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

pub fn show(bar: &ProgressBar, done: u64, total: u64) {
    if bar.is_hidden() && done < total {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    bar.set_length(total);
    bar.set_position(done);
}

/// Describes a copied database in one line.
pub fn summary(copied: &Copied) -> String {
    let rows: u64 = copied.tables.iter().map(|(_, rows)| rows).sum();
    let users = counted(copied.rows("users"), "user", "users");
    let sessions = counted(copied.rows("sessions"), "session", "sessions");
    format!("{users}, {sessions}, {} in all tables", counted(rows, "row", "rows"))
}

/// What to do with existing rows, depending on `--replace`.
pub fn existing(replace: bool) -> ExistingData {
    if replace { ExistingData::Replace } else { ExistingData::Refuse }
}
