//! The apps that the gate guards (`GATE_ORIGINS`).

use std::fmt;

use crate::domain::gate::origin::GateOrigin;

/// A guarded app. Displayed as in `GATE_ORIGINS`: `Wiki=https://wiki.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardedApp {
    /// The name for users. It proves nothing: where a decision depends on the app, show its origin.
    pub name: Option<String>,
    /// Where the app is.
    pub origin: GateOrigin,
}

impl GuardedApp {
    /// The name or, if there is none, the host.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.origin.authority())
    }
}

impl AsRef<GateOrigin> for GuardedApp {
    fn as_ref(&self) -> &GateOrigin {
        &self.origin
    }
}

impl fmt::Display for GuardedApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}=")?;
        }
        self.origin.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_without_a_name_is_called_by_its_host() {
        for (name, origin, label, shown) in [
            (Some("Wiki"), "https://wiki.example.org", "Wiki", "Wiki=https://wiki.example.org"),
            (None, "https://wiki.example.org", "wiki.example.org", "https://wiki.example.org"),
            (None, "http://nas.lan:8080", "nas.lan:8080", "http://nas.lan:8080"),
        ] {
            let origin = GateOrigin::parse(origin).unwrap();
            let app = GuardedApp { name: name.map(ToOwned::to_owned), origin };
            assert_eq!((app.label(), app.to_string().as_str()), (label, shown));
        }
    }
}
