//! Running the server.

use std::time::Duration;

use super::variable::Variable;

const FORMAT: [(&str, &str); 2] =
    [("text", "lines for people."), ("json", "one JSON object per line.")];

pub const OPERATION: [Variable; 6] = [
    Variable::words("LOG_FORMAT", &FORMAT, "The format of the log on standard error.").fixed("text"),
    Variable::text(
        "RUST_LOG",
        "Which messages are logged: `error`, `warn`, `info` or `debug`, or filters of the Rust crate `tracing`.",
    )
    .derived("`info` for the server, `warn` for other commands")
    .example("info"),
    Variable::duration(
        "AUDIT_RETENTION",
        Duration::from_hours(24)..=Duration::from_hours(36_500 * 24),
        "How long entries of the audit log are kept.",
    )
    .fixed("365d"),
    Variable::number("HASH_WORKERS", 1..=1_024, "The number of threads that hash passwords.")
        .derived("as many as the machine has cores")
        .example("2"),
    Variable::number(
        "HASH_QUEUE",
        1..=100_000,
        "How many passwords may wait for such a thread before requests get a 503 ([limits](limits.md)).",
    )
    .fixed("64"),
    Variable::text(
        "ACCEPT_RISKS",
        "The risks that you accept, separated by commas: see [Accepted risks](#accepted-risks).",
    )
    .example("plain-http"),
];
