//! `authflow manpage`: a manual page for each command, made from its help.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::exit_code::FAILED;
use crate::clock::{Clock, Timestamp};
use crate::config;
use crate::file_access;

#[derive(Args, Debug)]
pub struct ManpageArguments {
    /// The folder to write the pages to; created if it does not exist.
    #[arg(long, value_name = "DIR")]
    directory: PathBuf,
}

/// Where commands read and write, for the page of authflow itself.
const FILES: [(&str, &str); 5] = [
    (".env", "Settings, in the working directory. --env-file names another file in its place."),
    (
        "data/",
        "The default of DATA_DIR, in the working directory: the SQLite database, the secret key, the signing keys, and emails that are \
         written to files.",
    ),
    (
        "/etc/authflow/authflow.env",
        "The settings, where authflow is installed as a Debian package or with its systemd unit.",
    ),
    ("/var/lib/authflow/", "The data in that installation."),
    ("/usr/share/doc/authflow/docs/", "The documentation in the Debian package."),
];

const ENVIRONMENT: &str = "Every setting is an environment variable, a line in the settings file, or a file that a variable with the ending \
    _FILE names. The environment overrides the settings file. None is required. The page configuration.md of the documentation says more.";

pub fn run(arguments: &ManpageArguments, authflow: Command) -> ExitCode {
    // The pages describe `--help` and not a command of the same purpose.
    let mut authflow = authflow.disable_help_subcommand(true);
    authflow.build();
    let directory = &arguments.directory;
    let written =
        fs::create_dir_all(directory).and_then(|()| write(&authflow, None, directory, &date()));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let why = file_access::explain_named(directory, &error);
            eprintln!("The pages cannot be written to {}: {why}.", directory.display());
            ExitCode::from(FAILED)
        }
    }
}

/// Writes the page of this command and those of its subcommands.
fn write(command: &Command, parent: Option<&str>, directory: &Path, date: &str) -> io::Result<()> {
    let name = name(command);
    fs::write(directory.join(format!("{name}.1")), page(command, parent, date)?)?;
    let mut subcommands = command.get_subcommands();
    subcommands.try_for_each(|subcommand| write(subcommand, Some(&name), directory, date))
}

/// Today, or the day in `SOURCE_DATE_EPOCH`, so that a package can be built again byte for byte.
fn date() -> String {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|it| it.parse().ok());
    let mut text = fixed.map_or_else(|| Clock::System.now(), Timestamp).to_rfc3339();
    text.truncate("2026-12-01".len());
    text
}

/// The name of the page: `authflow-user-create`.
fn name(command: &Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

/// What each part of a page begins with. A page needs it once.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

fn page(command: &Command, parent: Option<&str>, date: &str) -> io::Result<String> {
    let subcommands: Vec<String> = command.get_subcommands().map(name).collect();
    let man = Man::new(command.clone().subcommand_help_heading("COMMANDS"));
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    if !subcommands.is_empty() {
        man.render_subcommands_section(&mut options)?;
    }
    let options = String::from_utf8(options).map_err(io::Error::other)?;
    let title = format!(
        ".TH \"{}\" \"1\" \"{date}\" \"authflow {}\" \"authflow manual\"\n.nh\n.ad l\n",
        name(command).to_uppercase(),
        env!("CARGO_PKG_VERSION")
    );
    let sections = [
        first_sections(command).render(),
        options,
        last_sections(command, parent, &subcommands).render(),
    ];
    let text = sections.concat().replace(PREAMBLE, "");
    // In place of two line breaks, about which `mandoc` warns.
    let text = text.replace("\n.br\n\n.br\n", "\n.sp\n");
    Ok(format!("{PREAMBLE}{title}{}", with_code_in_bold(&with_breaks(&text))))
}

fn first_sections(command: &Command) -> Roff {
    let mut roff = Roff::new();
    let text = |about: Option<&StyledStr>| about.map(ToString::to_string).unwrap_or_default();
    let about = text(command.get_about());
    let summary = format!("{} - {about}", name(command));
    roff.control("SH", ["NAME"]).text([roman(summary)]);
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    roff.control("SH", ["SYNOPSIS"]).text([bold(usage)]);
    roff.control("SH", ["DESCRIPTION"]);
    let long = command.get_long_about().map_or(format!("{about}."), ToString::to_string);
    for (at, paragraph) in long.split("\n\n").enumerate() {
        if at > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(paragraph)]);
    }
    roff
}

fn last_sections(command: &Command, parent: Option<&str>, subcommands: &[String]) -> Roff {
    let mut roff = Roff::new();
    if parent.is_some() {
        examples(&mut roff, &command.get_after_help().map(ToString::to_string).unwrap_or_default());
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in
        [("0", "Success."), ("1", "Failure."), ("2", "A usage or configuration error.")]
    {
        roff.control("TP", []).text([bold(status)]).text([roman(meaning)]);
    }
    if parent.is_none() {
        environment(&mut roff);
        roff.control("SH", ["FILES"]);
        for (path, meaning) in FILES {
            roff.control("TP", []).text([italic(path)]).text([roman(meaning)]);
        }
    }
    let others: Vec<&str> =
        parent.into_iter().chain(subcommands.iter().map(String::as_str)).collect();
    roff.control("SH", ["SEE ALSO"]).text(references(&others));
    roff
}

/// All settings, as in the documentation.
fn environment(roff: &mut Roff) {
    roff.control("SH", ["ENVIRONMENT"]).text([roman(ENVIRONMENT)]);
    for (group, variables) in config::manual() {
        roff.control("SS", [group]);
        for (name, meaning) in variables {
            roff.control("TP", []).text([bold(name)]).text([roman(meaning)]);
        }
    }
}

/// The examples at the end of a command's help: one after `Example: `, or indented lines below `Examples:`. What follows is text.
fn examples(roff: &mut Roff, help: &str) {
    let Some(help) = help.strip_prefix("Example") else { return };
    let help = help.trim_start_matches(['s', ':']);
    let (commands, text) = help.split_once("\n\n").unwrap_or((help, ""));
    roff.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in commands.trim().lines() {
        roff.text([roman(line.trim())]);
    }
    roff.control("fi", []);
    if !text.is_empty() {
        roff.control("PP", []).text([roman(text)]);
    }
}

/// `authflow(1)`, `authflow-user(1)`.
fn references(pages: &[&str]) -> Vec<Inline> {
    let references = pages.iter().map(|page| [bold(*page), roman("(1)")]);
    let mut text: Vec<Inline> = Vec::new();
    for reference in references {
        if !text.is_empty() {
            text.push(roman(", "));
        }
        text.extend(reference);
    }
    text
}

/// Lets lines break after a comma without a space, because lists of URLs don't fit on a line.
fn with_breaks(page: &str) -> String {
    let mut parts = page.split(',');
    let mut broken = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        broken += if part.starts_with(char::is_alphanumeric) { ",\\:" } else { "," };
        broken += part;
    }
    broken
}

/// Help texts mark code with backticks, which `man` would show as quotation marks.
fn with_code_in_bold(page: &str) -> String {
    let mut parts = page.split('`');
    let mut bold = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        bold += if at % 2 == 0 { "\\fB" } else { "\\fR" };
        bold += part;
    }
    bold
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_backticks_is_bold() {
        assert_eq!(with_code_in_bold("use `a \\-b` or `c`."), "use \\fBa \\-b\\fR or \\fBc\\fR.");
        assert_eq!(with_code_in_bold("plain"), "plain");
    }

    #[test]
    fn lists_without_spaces_can_be_broken() {
        assert_eq!(with_breaks("a, b=https://c,d=https://e."), "a, b=https://c,\\:d=https://e.");
    }

    #[test]
    fn examples_are_lines_and_what_follows_is_text() {
        let mut roff = Roff::new();
        examples(&mut roff, "Examples:\n  authflow a   say a\n  authflow b\n\nMore about it.");
        let page = ".SH EXAMPLES\n.nf\nauthflow a   say a\nauthflow b\n.fi\n.PP\nMore about it.\n";
        assert_eq!(roff.to_roff(), page);
        let mut none = Roff::new();
        examples(&mut none, "Exit codes: 0 success.");
        assert_eq!(none.to_roff(), "");
    }
}
