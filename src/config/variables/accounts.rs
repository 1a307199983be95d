//! Who gets an account, and how its owner proves their identity.

use super::variable::Variable;

const REGISTRATION: [(&str, &str); 4] = [
    ("open", "anyone can sign up."),
    ("invite", "only people whom an administrator has invited."),
    (
        "approval",
        "anyone, but no one can use their account until an administrator has approved it.",
    ),
    ("closed", "no one."),
];

const VERIFICATION: [(&str, &str); 2] = [
    ("required", "users confirm their email address before they can sign in."),
    (
        "off",
        "people are signed in right after they sign up. The sign-up page then reveals whether an email address has an account. With \
         `GATE_ORIGINS`, set `GATE_REMOTE_USER=id`. `handle` works too, but create the accounts of your apps' users first.",
    ),
];

const SECOND_FACTOR: [(&str, &str); 3] = [
    ("optional", "no one must."),
    ("admins", "users with the role `admin` must."),
    ("everyone", "every user must."),
];

pub const ACCOUNTS: [Variable; 6] = [
    Variable::words("REGISTRATION", &REGISTRATION, "Who can sign up. See [Users](users.md).")
        .fixed("open"),
    Variable::words(
        "EMAIL_VERIFICATION",
        &VERIFICATION,
        "Whether users must confirm their email address.",
    )
    .fixed("required"),
    Variable::words(
        "SECOND_FACTOR",
        &SECOND_FACTOR,
        "Who must use two-factor authentication. See [Security](security.md#two-factor-authentication).",
    )
    .derived("`admins` with an https `PUBLIC_URL`, otherwise `optional`"),
    Variable::number(
        "PASSWORD_MIN_LENGTH",
        8..=128,
        "The smallest number of characters of a password.",
    )
    .fixed("8"),
    Variable::number(
        "ARGON2_MEMORY_KIB",
        7_168..=4_194_304,
        "The memory that hashing a password takes, in KiB. At least 47104 with one iteration, 19456 with two, 12288 with three, 9216 with four \
         and 7168 with more. A changed cost applies to each account at its next sign-in.",
    )
    .fixed("19456"),
    Variable::number(
        "ARGON2_ITERATIONS",
        1..=64,
        "The number of passes over that memory for each password.",
    )
    .fixed("2"),
];
