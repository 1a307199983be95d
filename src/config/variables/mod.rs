//! The variables that authflow reads. One table has the facts of each.

mod accounts;
mod apps;
mod data;
mod email;
mod names;
mod operation;
mod sessions;
mod site;
mod table;
mod variable;
mod wording;

pub use self::names::{environment_only, file_variable, is_known, known, warning_about};
pub use self::table::named;
pub use self::variable::{Standard, Values, as_written};
pub use self::wording::manual;
#[cfg(test)]
pub use self::{
    names::ENVIRONMENT_ONLY,
    table::GROUPS,
    variable::Variable,
    wording::{facts, plain},
};
