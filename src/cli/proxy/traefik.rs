//! Traefik: a file for its file provider, or labels for its Docker provider.

use askama::Template;

use super::address::port;
use super::site::{Guarded, Site};

#[derive(Template)]
#[template(path = "proxy/traefik.yml", escape = "none", ext = "txt")]
struct Traefik {
    site: Site,
}

#[derive(Template)]
#[template(path = "proxy/traefik-labels.yml", escape = "none", ext = "txt")]
struct TraefikLabels {
    site: Site,
}

pub fn render_file(site: Site) -> askama::Result<String> {
    Traefik { site }.render()
}

pub fn render_labels(site: Site) -> askama::Result<String> {
    TraefikLabels { site }.render()
}

impl Site {
    fn entry_point(&self) -> &'static str {
        if self.is_https { "websecure" } else { "web" }
    }

    /// The services for which plain HTTP is redirected. Each has its own router, because labels describe them in separate containers.
    fn redirected(&self) -> Vec<String> {
        let app = self.guarded.as_ref().map(|_| self.id.clone());
        let login = self.has_login.then(|| format!("{}-login", self.id));
        app.into_iter().chain(login).filter(|_| self.is_redirected()).collect()
    }

    /// The one of them that the labels describe.
    fn redirected_label(&self) -> Option<String> {
        self.redirected().into_iter().next()
    }

    /// Requests to authflow's own site, except those to the gate: only proxies may send these.
    fn login_rule(&self) -> String {
        let (host, base) = (&self.host, &self.base);
        let below = if base.is_empty() {
            String::new()
        } else {
            format!(" && (Path(`{base}`) || PathPrefix(`{base}/`))")
        };
        format!(
            "Host(`{host}`){below} && !Path(`{base}/gate/nginx`) && !Path(`{base}/gate/forward`)"
        )
    }

    /// Requests to a guarded host that go to authflow without a check by the gate.
    fn ticket_rule(&self) -> String {
        format!("Host(`{}`) && PathPrefix(`/.authflow/`)", self.host)
    }

    /// WebSocket requests to a guarded host.
    fn socket_rule(&self) -> String {
        format!("Host(`{}`) && HeaderRegexp(`Upgrade`, `(?i)^websocket$`)", self.host)
    }

    /// The URL of the gate.
    fn gate_address(&self, guarded: &Guarded) -> String {
        let mark = if guarded.rule.is_empty() { "" } else { "?" };
        format!("http://{}{}/gate/forward{mark}{}", self.authflow, self.base, guarded.rule)
    }

    /// Escapes a value for single quotes in a compose file, where `$` starts a variable.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn label(&self, value: &str) -> String {
        value.replace('$', "$$").replace('\'', "''")
    }

    fn authflow_port(&self) -> &str {
        port(&self.authflow)
    }
}

impl Guarded {
    fn port(&self) -> &str {
        port(&self.upstream)
    }
}
