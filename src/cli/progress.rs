//! How far long work has come: a bar for people, nothing for scripts.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::db::copy::{Copied, Occupied};

/// A bar on standard error that fills with things once there are some; indicatif shows none where that is not a terminal.
pub fn bar(doing: &str, things: &str) -> ProgressBar {
    let bar = ProgressBar::hidden();
    let template =
        format!("{doing} {{bar:30}} {{human_pos}} of {{human_len}} {things}, {{eta}} left");
    let style = ProgressStyle::with_template(&template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Moves it on.
pub fn show(bar: &ProgressBar, done: u64, total: u64) {
    if bar.is_hidden() && done < total {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    bar.set_length(total);
    bar.set_position(done);
}

/// What was copied, in a line.
pub fn summary(copied: &Copied) -> String {
    let rows: u64 = copied.tables.iter().map(|(_, rows)| rows).sum();
    let (users, sessions) = (copied.rows("users"), copied.rows("sessions"));
    format!("{users} users, {sessions} sessions, {rows} rows in all tables")
}

pub fn occupied(replace: bool) -> Occupied {
    if replace { Occupied::Replace } else { Occupied::Refuse }
}
