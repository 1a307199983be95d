//! `authflow completion`: the completions of a shell.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;

use super::exit_code::FAILED;

#[derive(Args, Debug)]
pub struct CompletionArguments {
    /// The shell that reads the completions.
    shell: CompletedShell,
    /// The command that the completions are for, if it is a script with another name that passes its arguments on to authflow.
    #[arg(long = "for", value_name = "COMMAND", default_value = "authflow")]
    command: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CompletedShell {
    Bash,
    Zsh,
    Fish,
}

pub fn run(arguments: &CompletionArguments, mut authflow: Command) -> ExitCode {
    let shell = match arguments.shell {
        CompletedShell::Bash => Shell::Bash,
        CompletedShell::Zsh => Shell::Zsh,
        CompletedShell::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut authflow, &arguments.command, &mut script);
    // The reader may stop early, as `head` does.
    match std::io::stdout().write_all(&script) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The completions cannot be printed: {error}.");
            ExitCode::from(FAILED)
        }
    }
}
