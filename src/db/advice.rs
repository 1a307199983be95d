//! What an operator can do about a database that cannot be used, and whether waiting helps.

use std::borrow::Cow;
use std::io::ErrorKind;

use sqlx::error::DatabaseError;

use super::error::Error;
use crate::installation::authflow;

/// What to do about an error that PostgreSQL reports, by SQLSTATE or its class (appendix A of its manual). The first match counts.
const POSTGRES: [(&str, &str); 9] = [
    (
        "28P01",
        "Check the user and the password in the URL. Special characters are percent-encoded there: / as %2F, @ as %40, # as %23",
    ),
    ("28", "Check that the role exists and that pg_hba.conf allows it to connect from here"),
    ("3D", "Create it (createdb --owner=ROLE DATABASE), or correct its name in the URL"),
    ("42501", "GRANT the role that right, or make it the owner of the database"),
    ("53300", "Lower DATABASE_CONNECTIONS, or raise max_connections in PostgreSQL"),
    ("53", "Free resources on the machine of PostgreSQL"),
    ("42P05", POOLED_STATEMENTS),
    ("26000", POOLED_STATEMENTS),
    ("25006", "Name a server that accepts writes, not a standby"),
];

/// A pooler that gives each transaction another connection has lost our prepared statements.
const POOLED_STATEMENTS: &str = "If PgBouncer is in between: use pool_mode=session, or version 1.21 or later with max_prepared_statements above 0";

impl Error {
    /// Whether a server that starts should wait, since the database may be starting as well. No one fixes a wrong password, a missing
    /// database or a file that belongs to another user by waiting.
    #[must_use]
    pub fn passes_at_start(&self) -> bool {
        match self.reported().and_then(DatabaseError::code) {
            Some(state) if state.len() == 5 => {
                self.is_passing() && !["28", "3D"].iter().any(|class| state.starts_with(class))
            }
            Some(_) => self.is_busy(),
            None => self.is_passing(),
        }
    }

    /// What the operator can do, as a sentence without its full stop. `None` if the message already says it.
    #[must_use]
    pub fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            _ if self.is_damaged() || matches!(self, Self::ForeignFile) => {
                return Some(Cow::Owned(format!(
                    "Restore a backup ({} restore --replace FILE), or name the right file in DATABASE_URL",
                    authflow()
                )));
            }
            Self::Missing => {
                return Some(Cow::Owned(format!(
                    "To create it, start the server once or run {} migrate. If there is one already, run this in the server's folder, or \
                     set DATA_DIR or DATABASE_URL as for the server",
                    authflow()
                )));
            }
            Self::NoConnection | Self::TimedOut => {
                "Check that it runs and can be reached (host, port, firewall). A file may be locked by another program, or its disk may be slow"
            }
            Self::Query(sqlx::Error::Io(error)) => of_connection(error),
            _ => self.reported().and_then(|it| of_code(&it.code()?))?,
        };
        Some(Cow::Borrowed(advice))
    }
}

fn of_code(code: &str) -> Option<&'static str> {
    if code.len() == 5 {
        let found = POSTGRES.iter().find(|(class, _)| code.starts_with(class));
        return found.map(|(_, advice)| *advice);
    }
    // SQLite's primary result codes (sqlite.org/rescode.html).
    match code.parse::<u32>().ok()? & 0xff {
        5 | 6 => Some("Another program holds its lock: stop that program"),
        8 | 14 => Some("Check that authflow may write this file and its folder"),
        10 => Some("Check the disk, and the log of the system"),
        13 => Some("Free some space on the disk"),
        _ => None,
    }
}

fn of_connection(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "Check that PostgreSQL runs, and that it listens at this host and port (listen_addresses and port in postgresql.conf)"
        }
        ErrorKind::NotFound | ErrorKind::PermissionDenied => {
            "Check that PostgreSQL runs, and that the folder of its socket is right and open to authflow"
        }
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => {
            "Check that PostgreSQL is what listens at this host and port"
        }
        _ => "Check the host in the URL, and that this machine can resolve and reach it",
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn waiting_and_advice_depend_on_the_kind_of_connection_error() {
        for (kind, advice) in [
            (ErrorKind::ConnectionRefused, "listens at this host and port"),
            (ErrorKind::NotFound, "folder of its socket"),
            (ErrorKind::Other, "Check the host"),
        ] {
            let error = Error::Query(sqlx::Error::Io(io::Error::from(kind)));
            assert!(error.passes_at_start(), "{kind}");
            assert!(error.advice().unwrap().contains(advice), "{kind}");
        }
        for error in [Error::TimedOut, Error::NoConnection] {
            assert!(error.passes_at_start() && error.advice().unwrap().contains("firewall"));
        }
        for error in [Error::Missing, Error::ForeignFile, Error::Damaged("page 3".into())] {
            assert!(!error.passes_at_start() && error.advice().is_some(), "{error}");
        }
        assert!(!Error::NoAccess("x".into()).passes_at_start());
    }

    #[test]
    fn codes_have_advice() {
        for (code, advice) in [
            ("28P01", "the password"),
            ("28000", "pg_hba.conf"),
            ("3D000", "createdb"),
            ("42501", "GRANT"),
            ("53300", "DATABASE_CONNECTIONS"),
            ("42P05", POOLED_STATEMENTS),
            ("26000", POOLED_STATEMENTS),
            ("25006", "standby"),
            ("5", "lock"),
            ("1032", "may write"),
            ("13", "space"),
        ] {
            assert!(of_code(code).unwrap().contains(advice), "{code}");
        }
        assert_eq!((of_code("57P03"), of_code("1")), (None, None));
    }
}
