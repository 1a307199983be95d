//! Caddy: a site for the Caddyfile.

use askama::Template;

use super::site::Site;

#[derive(Template)]
#[template(path = "proxy/Caddyfile", escape = "none", ext = "txt")]
struct Caddy {
    site: Site,
}

pub fn render(site: Site) -> askama::Result<String> {
    Caddy { site }.render()
}
