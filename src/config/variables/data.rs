//! The data, and the secret that protects it.

use super::variable::Variable;

pub const DATA: [Variable; 5] = [
    Variable::text(
        "DATA_DIR",
        "The folder of the secret, the SQLite database and the emails of `MAIL_TRANSPORT=file`. It is `/var/lib/authflow` with systemd, and \
         `/data` in the container.",
    )
    .fixed("data"),
    Variable::text(
        "DATABASE_URL",
        "The database: `sqlite://PATH`, such as `sqlite:///var/lib/authflow/authflow.db`, or `postgres://USER:PASSWORD@HOST/DATABASE` ([PostgreSQL](postgresql.md)). Percent-encode special \
         characters of the password: `/` is `%2F`, `+` is `%2B`.",
    )
    .derived("`authflow.db` in `DATA_DIR`")
    .example("postgres://authflow:PASSWORD@db.example.org/authflow"),
    Variable::number(
        "DATABASE_CONNECTIONS",
        2..=1_000,
        "The largest number of connections of one instance to PostgreSQL.",
    )
    .fixed("16"),
    Variable::text(
        "DATABASE_CA_FILE",
        "A PEM file with the only authority that may have signed PostgreSQL's certificate, or with that certificate itself \
         ([TLS to PostgreSQL](postgresql.md#tls-to-postgresql)). `authflow db copy` uses it as well.",
    )
    .derived("the certificate authorities of the system")
    .example("/etc/authflow/database-ca.pem"),
    Variable::text(
        "SECRET_KEY",
        "The secret that everything signed or encrypted depends on: at least 32 characters that no one can guess. Make one with \
         `openssl rand -base64 48`. PostgreSQL requires it, and all instances share one. Keep a copy apart from your \
         [backups](backup.md).",
    )
    .derived("with SQLite, the file `secret.key` in `DATA_DIR`, which the first start creates"),
];
