//! Generates `docs/commands.md` from the command line, and tries the commands of the documentation.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};

use super::Arguments;
use crate::config::is_variable;
use crate::generated;

const HEAD: &str = "# Commands\n\n\
    What `authflow --help` and `authflow COMMAND --help` print. [Run commands](install.md#run-commands) says how to run them where authflow is \
    installed.\n";

#[test]
fn the_page_of_the_commands_is_current() {
    let mut page = HEAD.to_owned();
    for mut command in commands() {
        let name = command.get_bin_name().unwrap_or("authflow").to_owned();
        let help = command.render_long_help().to_string();
        let help: Vec<_> = help.trim_end().lines().map(str::trim_end).collect();
        let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n"));
    }
    generated::check("docs/commands.md", &page);
}

#[test]
fn the_help_of_every_command_has_an_example_that_works() {
    for command in commands() {
        let name = command.get_bin_name().unwrap_or("authflow").to_owned();
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples: Vec<_> = help.lines().filter_map(example).collect();
        assert!(examples.iter().any(|it| it.contains(&name)), "{name} has no example");
        for example in examples {
            try_command(&example);
        }
    }
}

#[test]
fn the_commands_in_the_documentation_work() {
    let mut tried = 0;
    for (path, text) in documents() {
        for line in blocks(&text, "sh").flat_map(unfolded) {
            let line = line.strip_prefix("sudo ").unwrap_or(&line).replacen(
                "authflowctl ",
                "authflow ",
                1,
            );
            let container = "docker compose exec authflow ";
            let line = line.strip_prefix(container).unwrap_or(&line);
            if line.starts_with("authflow ") {
                try_command(line);
                tried += 1;
            }
        }
        for line in blocks(&text, "env").flat_map(unfolded) {
            let name = line.trim_start_matches('#').split('=').next().unwrap_or_default();
            if !line.is_empty() && !line.starts_with("# ") {
                assert!(is_variable(name), "{}: {line}", path.display());
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

/// All commands that do something, and the groups that they are in, sorted as the help lists them.
fn commands() -> Vec<Command> {
    let mut root = Arguments::command().term_width(100);
    root.build();
    let mut all = Vec::new();
    let mut waiting = vec![root];
    while let Some(command) = waiting.pop() {
        let children = command.get_subcommands().filter(|it| it.get_name() != "help");
        waiting.extend(children.cloned().collect::<Vec<_>>().into_iter().rev());
        all.push(command);
    }
    all
}

/// The command in a line of examples, without what it explains after two spaces.
fn example(line: &str) -> Option<String> {
    let line = line.trim_start_matches("Example: ").trim();
    let is_command = line.split(' ').find(|word| !word.contains('=')) == Some("authflow");
    is_command.then(|| line.split("  ").next().unwrap_or_default().to_owned())
}

/// Parses the arguments of a shell command that begins with `authflow`, perhaps after variables.
fn try_command(line: &str) {
    let simple = line.replace("$(date -u +%F-%H%M%S)", "2026-12-01-033000");
    let words = shlex::split(&simple).unwrap_or_else(|| panic!("{line}: unbalanced quotes"));
    let ends = |word: &String| {
        ["|", "&&", "||", "&", ";", ">", ">>", "<", "2>&1"].contains(&word.as_str())
    };
    let words =
        words.into_iter().skip_while(|word| word != "authflow").take_while(|word| !ends(word));
    if let Err(error) = Arguments::command().try_get_matches_from(words) {
        panic!("{line}: {error}");
    }
}

/// The Markdown files for users.
fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut waiting =
        ["README.md", "SECURITY.md", "deploy", "docs"].map(|it| root.join(it)).to_vec();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|it| it == "md") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// The code blocks in a language.
fn blocks<'a>(text: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    // Every second part is a block, which begins with its language.
    text.split("```").skip(1).step_by(2).filter_map(move |part| {
        let (found, code) = part.split_once('\n')?;
        (found == language).then_some(code)
    })
}

/// The lines of a block, with continued lines put together.
fn unfolded(block: &str) -> Vec<String> {
    let whole = block.replace("\\\n", " ");
    whole.lines().map(|line| line.trim().to_owned()).collect()
}
