//! The variables, from the environment, from `.env` and from the files of `NAME_FILE`. The environment overrides `.env`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::env_file::{Entry, EnvFile};
use super::value_file;
use super::variables::{environment_only, file_variable, is_known, known, warning_about};
use crate::file_access;

const ENV_FILE: &str = ".env";

/// Where the value of a variable was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Environment,
    /// The number of its line in `.env`.
    EnvFile(usize),
    /// The file that `NAME_FILE` names.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::EnvFile(line) => write!(f, "{ENV_FILE}:{line}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

struct Variable {
    value: String,
    origin: Origin,
}

/// All variables, with the problems and warnings found while reading them.
#[derive(Default)]
pub struct Environment {
    variables: BTreeMap<String, Variable>,
    /// Variables whose value could not be read, which is already reported.
    unreadable: BTreeSet<String>,
    pub problems: Vec<String>,
    pub warnings: Vec<String>,
}

impl Environment {
    /// Reads the environment of the process and `.env`.
    pub fn load() -> Self {
        let mut found = Self::default();
        let environment = found.variables_of_process();
        found.read_env_file(Path::new(ENV_FILE), &environment);
        found.complete(environment)
    }

    /// The variables of an environment, without `.env`.
    pub fn of(environment: BTreeMap<String, String>) -> Self {
        Self::default().complete(environment)
    }

    /// The value of a variable, if it is set and not empty.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|it| it.value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether the variable is set to something that cannot be read.
    pub fn is_unreadable(&self, name: &str) -> bool {
        self.unreadable.contains(name)
    }

    /// Where the variable was set, unless it was in the environment or not at all.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        let origin = self.variables.get(name).map(|it| &it.origin);
        origin.filter(|origin| **origin != Origin::Environment)
    }

    /// A sentence, after the origin of the first variable that it names and that is set: `.env:3: PORT must be …`.
    pub fn located(&self, sentence: &str) -> String {
        let first = sentence.split(". ").next().unwrap_or_default();
        let mut words = first.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        match words.find(|word| self.variables.contains_key(*word)).and_then(|it| self.origin(it)) {
            Some(origin) => format!("{origin}: {sentence}"),
            None => sentence.to_owned(),
        }
    }

    fn variables_of_process(&mut self) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str() else { continue };
            match value.into_string() {
                Ok(value) => {
                    environment.insert(name.to_owned(), value);
                }
                Err(_) if is_known(name) => {
                    self.unreadable.insert(name.to_owned());
                    self.problems.push(format!("{name} is not valid UTF-8."));
                }
                Err(_) => {}
            }
        }
        environment
    }

    fn read_env_file(&mut self, path: &Path, environment: &BTreeMap<String, String>) {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => {
                let why = file_access::explain(path, &error);
                self.problems.push(format!("{ENV_FILE} cannot be read: {why}."));
                return;
            }
        };
        let EnvFile { entries, faults } = EnvFile::parse(&bytes, environment);
        let is_overridden = |name: &str| environment.contains_key(name);
        for fault in faults {
            let line = fault.line;
            match fault.name {
                // Other programs may use the file as well.
                Some(name) if !is_known(&name) || is_overridden(&name) => {}
                Some(name) => {
                    self.problems.push(format!("{ENV_FILE}:{line}: {name} {}.", fault.why));
                    self.unreadable.insert(name);
                }
                None => self.problems.push(format!("{ENV_FILE}:{line}: {}.", fault.why)),
            }
        }
        for entry in entries.into_iter().filter(|entry| !is_overridden(&entry.name)) {
            self.add(entry);
        }
    }

    /// Adds a variable of `.env`, and reports what will probably not work as intended.
    fn add(&mut self, entry: Entry) {
        let Entry { line, name, value, has_reference } = entry;
        if let Some(replacement) = environment_only(&name) {
            self.warnings.push(format!(
                "{ENV_FILE}:{line}: {name} in .env has no effect: set it in the environment{replacement}."
            ));
        }
        if has_reference && is_known(&name) {
            self.warnings.push(format!(
                "{ENV_FILE}:{line}: {name} in .env contains a $, which refers to another variable there. Put the value in single \
                 quotes, or write \\$."
            ));
        }
        let variable = Variable { value, origin: Origin::EnvFile(line) };
        let earlier = self.variables.insert(name.clone(), variable).map(|it| it.origin);
        if let Some(Origin::EnvFile(earlier)) = earlier.filter(|_| is_known(&name)) {
            self.warnings.push(format!(
                "{ENV_FILE}:{line}: {name} is set twice in .env: line {earlier} has no effect. Remove one of them."
            ));
        }
    }

    /// Adds the environment, and the values of `NAME_FILE`.
    fn complete(mut self, environment: BTreeMap<String, String>) -> Self {
        for (name, value) in environment {
            self.variables.insert(name, Variable { value, origin: Origin::Environment });
        }
        let unknown = self.variables.keys().filter_map(|name| warning_about(name));
        let unknown: Vec<_> = unknown.map(|warning| self.located(&warning)).collect();
        self.warnings.extend(unknown);
        for name in known() {
            self.read_value_file(name);
            self.unquote(name);
        }
        self
    }

    /// Reads the file that `NAME_FILE` names.
    fn read_value_file(&mut self, name: &str) {
        let variable = file_variable(name);
        self.unquote(&variable);
        let Some(path) = self.value(&variable).map(PathBuf::from) else { return };
        if self.value(name).is_some() {
            let both = format!("{variable} and {name} are both set. Remove one of them.");
            self.problems.push(self.located(&both));
            return;
        }
        match value_file::read(&path, name) {
            Ok(value) => {
                let origin = Origin::File(path);
                self.variables.insert(name.to_owned(), Variable { value, origin });
            }
            Err(why) => {
                self.problems.push(self.located(&format!("{variable} {why}.")));
                self.unreadable.insert(name.to_owned());
            }
        }
    }

    /// Reports quotation marks that belong to the value, and continues without them. They may be part of the key of an existing database,
    /// so `SECRET_KEY` keeps them.
    fn unquote(&mut self, name: &str) {
        let value = self.value(name).unwrap_or_default();
        let inner =
            ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        let Some(inner) = inner.map(ToOwned::to_owned) else { return };
        if name == "SECRET_KEY" {
            let warning = "SECRET_KEY has quotation marks around it, which are part of the key. An existing database needs them; for a \
                           new installation, remove them.";
            self.warnings.push(self.located(warning));
            return;
        }
        let problem = format!(
            "{name} has quotation marks around its value, which are part of it: only a shell and .env files remove them. Write the value \
             without them."
        );
        self.problems.push(self.located(&problem));
        if let Some(variable) = self.variables.get_mut(name) {
            variable.value = inner;
        }
    }
}
