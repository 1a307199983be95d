//! The variables, from the environment and from `.env`. The environment overrides the file.

use std::collections::BTreeMap;

use super::problems::Problems;
use super::variables::{is_known, warnings_about_file};

/// All variables, and warnings about `.env`.
pub struct Environment {
    pub variables: BTreeMap<String, String>,
    pub warnings: Vec<String>,
}

impl Environment {
    pub fn read() -> Result<Self, Problems> {
        let mut variables = BTreeMap::new();
        match dotenvy::from_path_iter(".env") {
            Ok(lines) => {
                for line in lines {
                    let (name, value) = line.map_err(|error| Problems(vec![unreadable(&error)]))?;
                    variables.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(error) => return Err(Problems(vec![unreadable(&error)])),
        }
        let mut substituted = substituted();
        let mut only_in_file = variables.clone();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            only_in_file.remove(name);
            match value.into_string() {
                Ok(value) => {
                    substituted.retain(|it| it != name);
                    variables.insert(name.to_owned(), value);
                }
                Err(_) if is_known(name) => {
                    return Err(Problems(vec![format!("{name} is not valid UTF-8.")]));
                }
                Err(_) => {}
            }
        }
        let warnings = substituted.into_iter().map(|name| {
            format!(
                "{name} in .env contains a $, which refers to another variable there. Put the value in single quotes, or write \\$."
            )
        });
        let warnings = warnings.chain(warnings_about_file(&only_in_file)).collect();
        Ok(Self { variables, warnings })
    }
}

/// The variables in `.env` whose value contains a `$`, as many passwords do. dotenvy reads it as a reference to another variable.
fn substituted() -> Vec<String> {
    let text = std::fs::read_to_string(".env").unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.trim_start().split_once('='));
    let with_dollar = lines.filter(|(_, value)| {
        let value = value.trim_start();
        !value.starts_with('\'') && value.replace("\\$", "").contains('$')
    });
    let names = with_dollar.map(|(name, _)| name.trim().trim_start_matches("export ").to_owned());
    names.filter(|name| is_known(name)).collect()
}

/// The problem with `.env`, without the content of a line, which may be a secret.
fn unreadable(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(..) => {
            ".env has a line that is not NAME=value. A value with spaces needs quotes around it."
                .into()
        }
        other => format!(".env cannot be read: {other}."),
    }
}
