//! The gate in front of other apps: by itself, and in real proxies.

mod chromium;
mod protocol;
mod proxies;
mod proxy;
mod stage;
mod traefik;
mod traveller;
mod upstream;
