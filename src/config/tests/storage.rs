//! The database.

use super::{problems, read};

#[test]
fn an_unverified_postgres_on_another_machine_is_a_warning() {
    let key = ("SECRET_KEY", "as long as it has to be, and then some");
    let warnings = |url: &str| read(&[("DATABASE_URL", url), key]).unwrap().warnings.join("; ");
    assert_eq!(warnings("postgres://ada:hunter2@db.example.org/x"), "");
    assert_eq!(warnings("postgres://ada:hunter2@localhost/x?sslmode=disable"), "");
    let risky = warnings("postgres://ada:hunter2@db.example.org/x?sslmode=require");
    assert!(
        risky.starts_with(
            "DATABASE_URL leads to db.example.org with sslmode=require: the connection"
        ) && !risky.contains("hunter2"),
        "{risky}"
    );
    let url = ("DATABASE_URL", "postgres://ada:hunter2@db.example.org/x");
    let found = problems(&[url, key, ("DATABASE_CA_FILE", "/nowhere")]);
    assert!(
        found.len() == 1 && found[0].starts_with("DATABASE_CA_FILE cannot be read"),
        "{found:?}"
    );
}
