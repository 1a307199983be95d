//! How emails are sent.

use std::time::Duration;

use super::variable::Variable;

const TRANSPORT: [(&str, &str); 3] = [
    ("file", "emails are saved as `.eml` files in `DATA_DIR/mail`. None is sent."),
    ("smtp", "a mail server delivers them."),
    ("resend", "[Resend](https://resend.com) delivers them."),
];

pub const EMAIL: [Variable; 8] = [
    Variable::words("MAIL_TRANSPORT", &TRANSPORT, "How emails are sent: see [Email](email.md).")
        .derived("`file`. With an https `PUBLIC_URL` the variable is required"),
    Variable::text(
        "MAIL_FROM",
        "The sender of emails. Without a name, `SITE_NAME` is used. Your mail server must allow this sender.",
    )
    .derived("`no-reply@` and the host of `PUBLIC_URL`")
    .example("\"My Site <no-reply@example.org>\""),
    Variable::text(
        "SMTP_URL",
        "The mail server, with user name and password: `smtp://` for STARTTLS, `smtps://` for TLS. Percent-encode special characters: `@` is \
         `%40`. See [Email](email.md#smtp).",
    )
    .example("smtp://USER:PASSWORD@mail.example.org:587"),
    Variable::text(
        "SMTP_CA_FILE",
        "A PEM file with the only authority that may have signed the mail server's certificate.",
    )
    .derived("the certificate authorities of the system")
    .example("/etc/authflow/mail-ca.pem"),
    Variable::text("RESEND_API_KEY", "The key of Resend, which must be allowed to send.")
        .example("re_123456789"),
    Variable::text("RESEND_API_URL", "The address of Resend's API.")
        .fixed(crate::mail::RESEND_API_URL),
    Variable::duration(
        "MAIL_TIMEOUT",
        Duration::from_secs(1)..=Duration::from_mins(10),
        "The time limit for connecting and signing in to the mail server. Accepting an email has the same limit.",
    )
    .fixed("60s"),
    Variable::number(
        "EMAILS_PER_MINUTE",
        1..=10_000,
        "The largest number of emails a minute that visitors can trigger, in all instances together. Emails over this limit wait \
         ([limits](limits.md)).",
    )
    .fixed("30"),
];
