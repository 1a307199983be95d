//! The gate in front of other applications: by itself, and in the real proxies.

mod chromium;
mod protocol;
mod proxies;
mod stage;
mod traefik;
mod traveller;
mod upstream;
