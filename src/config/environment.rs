//! The variables, from the environment, from the settings file (`.env`, or what `--env-file` names) and from the files of `NAME_FILE`. The
//! environment overrides the settings file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::env_file::{Entry, EnvFile};
use super::value_file;
use super::variables::{environment_only, file_variable, is_known, known, warning_about};
use crate::file_access;

/// The settings file, unless the command line names another one.
const ENV_FILE: &str = ".env";

/// Where the value of a variable was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Environment,
    /// The settings file, and the number of the line in it.
    EnvFile(Arc<Path>, usize),
    /// The file that `NAME_FILE` names.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::EnvFile(path, line) => write!(f, "{}:{line}", path.display()),
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
    /// Reads the environment of the process, and this file or else `.env`. Only `.env` may be missing.
    pub fn load(env_file: Option<&Path>) -> Self {
        let mut found = Self::default();
        let environment = found.variables_of_process();
        found.read_env_file(env_file, &environment);
        found.complete(environment)
    }

    /// The variables of an environment, without a settings file.
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

    fn read_env_file(&mut self, named: Option<&Path>, environment: &BTreeMap<String, String>) {
        let path = named.unwrap_or(Path::new(ENV_FILE));
        let shown = path.display();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => return,
            Err(error) => {
                let why = file_access::explain_reading(path, &error);
                self.problems.push(format!("{shown} cannot be read: {why}."));
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
                    self.problems.push(format!("{shown}:{line}: {name} {}.", fault.why));
                    self.unreadable.insert(name);
                }
                None => self.problems.push(format!("{shown}:{line}: {}.", fault.why)),
            }
        }
        let path = Arc::from(path);
        for entry in entries {
            match environment.get(&entry.name) {
                None => self.add(&path, entry),
                Some(other) if named.is_some() => {
                    self.warn_if_overridden(path.as_ref(), &entry, other);
                }
                Some(_) => {}
            }
        }
    }

    /// Reports a setting of a file that the command line names, if the environment has another value.
    fn warn_if_overridden(&mut self, path: &Path, entry: &Entry, other: &str) {
        let Entry { line, name, value, .. } = entry;
        if is_known(name) && value.trim() != other.trim() {
            self.warnings.push(format!(
                "{}:{line}: {name} has no effect, because the environment sets it to another value. Remove one of them.",
                path.display()
            ));
        }
    }

    /// Adds a variable of the settings file, and reports what will probably not work as intended.
    fn add(&mut self, path: &Arc<Path>, entry: Entry) {
        let Entry { line, name, value, has_reference } = entry;
        let file = path.display();
        if let Some(replacement) = environment_only(&name) {
            self.warnings.push(format!(
                "{file}:{line}: {name} in {file} has no effect: set it in the environment{replacement}."
            ));
        }
        if has_reference && is_known(&name) {
            self.warnings.push(format!(
                "{file}:{line}: {name} in {file} contains a $, which refers to another variable there. Put the value in single quotes, or \
                 write \\$."
            ));
        }
        let variable = Variable { value, origin: Origin::EnvFile(Arc::clone(path), line) };
        let earlier = self.variables.insert(name.clone(), variable).map(|it| it.origin);
        if let Some(Origin::EnvFile(_, earlier)) = earlier.filter(|_| is_known(&name)) {
            self.warnings.push(format!(
                "{file}:{line}: {name} is set twice in {file}: line {earlier} has no effect. Remove one of them."
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
