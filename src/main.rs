//! The command `authflow`.

use std::process::ExitCode;

fn main() -> ExitCode {
    authflow::cli::run()
}
