//! The apps behind the gate, and the reverse proxies before them and authflow.

use super::variable::Variable;

const REMOTE_USER: [(&str, &str); 3] = [
    ("email", "the email address. Only users with a confirmed address can open apps."),
    (
        "handle",
        "the [handle](users.md#handles). Read there what to do first if an app already has users.",
    ),
    ("id", "the ID of the account, which never changes."),
];

pub const APPS: [Variable; 4] = [
    Variable::text(
        "GATE_ORIGINS",
        "The apps that the [gate](guard/index.md) guards, separated by commas. Each is an origin: scheme, host and port without a path. A \
         name for the dashboard may stand before it, with `=`. Names have up to 40 characters, without a comma or `=`.",
    )
    .example("https://app.example.org,Wiki=https://wiki.example.org"),
    Variable::words(
        "GATE_REMOTE_USER",
        &REMOTE_USER,
        "What the header `Remote-User` tells apps.",
    )
    .fixed("email"),
    Variable::text(
        "TRUSTED_PROXIES",
        "The reverse proxies whose `X-Forwarded-For` tells the client's address: their networks, separated by commas, or `hops:N`. See \
         [The client's address](#the-clients-address).",
    )
    .fixed("127.0.0.0/8,::1/128"),
    Variable::text(
        "GATE_PROXIES",
        "The reverse proxies that may ask the gate: their networks, separated by commas.",
    )
    .derived(
        "the networks of `TRUSTED_PROXIES`. With `hops:N`, or if those cover nearly all addresses, only this machine",
    )
    .example("10.0.0.0/24"),
];
