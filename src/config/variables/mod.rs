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

pub use self::names::{
    ENVIRONMENT_ONLY, environment_only, file_variable, is_known, known, warning_about,
};
pub use self::table::{GROUPS, named};
pub use self::variable::{Standard, Values, Variable, as_written};
