//! Lifetimes of sessions, tokens and links, and the tokens of the API.

use std::time::Duration;

use super::variable::Variable;

const DAY: Duration = Duration::from_hours(24);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

const fn days(count: u64) -> Duration {
    Duration::from_secs(count * DAY.as_secs())
}

const ALGORITHM: [(&str, &str); 2] = [("ES256", "ECDSA with P-256."), ("EdDSA", "Ed25519.")];

pub const SESSIONS: [Variable; 9] = [
    Variable::duration("REFRESH_TOKEN_TTL", MINUTE..=days(400), "The longest lifetime of a session and its refresh token.")
        .fixed("30d"),
    Variable::duration(
        "SESSION_IDLE_TTL",
        MINUTE..=days(400),
        "How long a session lasts without activity. Without \"Keep me signed in\" it is 12 hours at most.",
    )
    .fixed("7d"),
    Variable::duration(
        "ROTATE_AFTER",
        MINUTE..=days(30),
        "The age at which the cookie or refresh token of a session is replaced. It must be longer than `ROTATION_GRACE`.",
    )
    .fixed("10m"),
    Variable::duration(
        "ROTATION_GRACE",
        Duration::from_secs(5)..=HOUR,
        "How long requests with the replaced cookie or token are still accepted.",
    )
    .fixed("60s"),
    Variable::duration(
        "RESET_TOKEN_TTL",
        MINUTE..=DAY,
        "The lifetime of a reset link. Links that confirm a sign-up work for 24 hours, and links that confirm a new email address for one \
         hour.",
    )
    .fixed("30m"),
    Variable::duration(
        "ACCESS_TOKEN_TTL",
        Duration::from_secs(10)..=HOUR,
        "The lifetime of an access token.",
    )
    .fixed("5m"),
    Variable::words(
        "JWT_ALGORITHM",
        &ALGORITHM,
        "The algorithm that signs access tokens.",
    )
    .fixed("ES256"),
    Variable::text(
        "JWT_AUDIENCE",
        "The audiences that access tokens may be for, separated by commas. The first is the default, and the only one that authflow's own \
         API accepts. See [Verify access tokens](verify-tokens.md).",
    )
    .derived("`PUBLIC_URL`")
    .example("https://login.example.org,https://api.example.org"),
    Variable::text(
        "CORS_ALLOWED_ORIGINS",
        "Other origins whose pages may use the [API](api.md), separated by commas.",
    )
    .example("https://app.example.org,http://localhost:5173"),
];
