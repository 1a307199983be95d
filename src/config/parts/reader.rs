//! Reads one variable after another, and continues after a problem.

use std::time::Duration;

use crate::config::environment::Environment;
use crate::config::problems::{Loaded, Problems};
use crate::config::risk::Risk;
use crate::config::settings::Config;
use crate::config::variables::{self, Standard, Values, as_written};

/// The variables, and the problems and warnings found so far.
pub struct Reader {
    environment: Environment,
    /// `ACCEPT_RISKS`
    accepted: Vec<Risk>,
    /// The accepted risks that this configuration actually takes.
    taken: Vec<Risk>,
}

impl Reader {
    pub fn new(environment: Environment) -> Self {
        let mut reader = Self { environment, accepted: Vec::new(), taken: Vec::new() };
        reader.accepted = reader.parsed("ACCEPT_RISKS", Risk::parse_list).unwrap_or_default();
        reader
    }

    /// The configuration with all warnings, or all problems. The problems include the warnings, since a misspelled variable may be the
    /// reason why another one is missing.
    pub fn finish(mut self, config: Option<Config>) -> Result<Loaded, Problems> {
        let taken = std::mem::take(&mut self.taken);
        for risk in std::mem::take(&mut self.accepted).iter().filter(|risk| !taken.contains(risk)) {
            self.warn(format!(
                "ACCEPT_RISKS has {}, which has no effect: there is no such risk in this configuration.",
                risk.word()
            ));
        }
        let Environment { mut problems, warnings, .. } = self.environment;
        match config {
            Some(config) if problems.is_empty() => Ok(Loaded { config, warnings }),
            _ => {
                problems.extend(warnings);
                Err(Problems(problems))
            }
        }
    }

    /// Reports a problem that prevents the start. `text`: a sentence that begins with the name of the variable. If the value of that
    /// variable could not be read, this is the reason for the problem, and it is already reported.
    pub fn problem(&mut self, text: impl AsRef<str>) {
        let text = text.as_ref();
        let name = text.split(' ').next().unwrap_or_default();
        if !self.environment.is_unreadable(name) {
            let problem = self.environment.located(text);
            self.environment.problems.push(problem);
        }
    }

    /// Whether the variable is set to something that cannot be read.
    pub fn is_unreadable(&self, name: &str) -> bool {
        self.environment.is_unreadable(name)
    }

    /// Whether the server cannot start with these variables.
    pub fn has_problems(&self) -> bool {
        !self.environment.problems.is_empty()
    }

    /// Reports a setting that works, but probably not as intended.
    pub fn warn(&mut self, text: impl AsRef<str>) {
        let warning = self.environment.located(text.as_ref());
        self.environment.warnings.push(warning);
    }

    /// Reports a risk as a problem or, if the operator has accepted it, as a warning at each start.
    pub fn risk(&mut self, risk: Risk, what: &str, fix: &str) {
        let word = risk.word();
        if self.accepted.contains(&risk) {
            self.warn(format!("{what}. ACCEPT_RISKS has {word}, so this is allowed."));
        } else {
            self.problem(format!("{what}. {fix}; if you accept that, add {word} to ACCEPT_RISKS."));
        }
        self.taken.push(risk);
    }

    /// The value of a variable, if it is set and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.environment.value(name)
    }

    /// The name of a variable for the operator, with the place where it is set.
    pub fn setting(&self, name: &str) -> String {
        match self.environment.origin(name) {
            Some(origin) => format!("{name} ({origin})"),
            None if self.text(name).is_none() => format!("{name} (not set)"),
            None => name.to_owned(),
        }
    }

    /// The value of a variable, or its default.
    pub fn text_or_default(&self, name: &str) -> &str {
        self.text(name).unwrap_or_else(|| fixed_default(name))
    }

    /// The parsed value of a variable, or its default. A problem does not repeat the value, which may be a secret.
    pub fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.parsed_or(name, fixed_default(name), parse)
    }

    /// Like [`Self::parsed`], for a variable whose default depends on others.
    pub fn parsed_or<T>(
        &mut self,
        name: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.text(name).unwrap_or(default)) {
            Ok(value) => Some(value),
            Err(why) => {
                self.problem(format!("{name} {why}."));
                None
            }
        }
    }

    /// The parsed value of a variable that has no default. A problem counts as none, since it is reported.
    pub fn optional<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.text(name)?;
        self.parsed(name, parse)
    }

    pub fn number(&mut self, name: &str) -> Option<u32> {
        self.number_or(name, fixed_default(name))
    }

    /// Like [`Self::number`], for a variable whose default depends on the machine.
    pub fn number_or(&mut self, name: &str, default: &str) -> Option<u32> {
        let Values::Number(range) = &variables::named(name).values else {
            unreachable!("{name} is read as a number")
        };
        self.parsed_or(name, default, |text| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| {
                format!("must be a whole number from {} to {}", range.start(), range.end())
            })
        })
    }

    pub fn duration(&mut self, name: &str) -> Option<Duration> {
        let Values::Duration(range) = &variables::named(name).values else {
            unreachable!("{name} is read as a length of time")
        };
        self.parsed(name, |text| {
            let duration = humantime::parse_duration(text).map_err(|_| {
                "must be a length of time with its unit, such as 90s, 5m, 12h or 30d".to_owned()
            })?;
            if range.contains(&duration) {
                Ok(duration)
            } else {
                let [least, most] = [range.start(), range.end()].map(|it| as_written(*it));
                Err(format!("must be from {least} to {most}"))
            }
        })
    }

    /// The value that belongs to the chosen word. There is one for each word.
    pub fn choice<T: Copy>(&mut self, name: &str, values: &[(&str, T)]) -> Option<T> {
        self.choice_or(name, fixed_default(name), values)
    }

    /// Like [`Self::choice`], for a variable whose default depends on others.
    pub fn choice_or<T: Copy>(
        &mut self,
        name: &str,
        default: &str,
        values: &[(&str, T)],
    ) -> Option<T> {
        let Values::Words(words) = variables::named(name).values else {
            unreachable!("{name} is read as a word")
        };
        debug_assert!(words.iter().map(|it| it.0).eq(values.iter().map(|it| it.0)), "{name}");
        self.parsed_or(name, default, |text| {
            let chosen = values.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
            chosen.ok_or_else(|| {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                format!("must be one of: {}", words.join(", "))
            })
        })
    }
}

/// The default in the table, or nothing if it has none that is always the same.
fn fixed_default(name: &str) -> &'static str {
    match variables::named(name).default {
        Standard::Fixed(default) => default,
        Standard::Derived(_) | Standard::None => "",
    }
}
