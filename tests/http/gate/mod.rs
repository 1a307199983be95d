//! The gate in front of other apps: alone, and behind real proxies.

mod chromium;
mod protocol;
mod proxies;
mod proxy;
mod stage;
mod traefik;
pub mod traveller;
mod upstream;
