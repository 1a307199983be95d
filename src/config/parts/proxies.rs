//! The trusted reverse proxies.

use ipnet::IpNet;

use super::gate::GateSettings;
use super::reader::Reader;
use super::site::SiteSettings;
use crate::config::risk::Risk;
use crate::domain::proxy::{TrustedProxies, is_nearly_everyone, networks, with_host_bits};

const FIX: &str = "Name the networks that your proxies connect from";

pub struct ProxySettings {
    pub trusted: Option<TrustedProxies>,
    pub gate: Option<Vec<IpNet>>,
}

impl ProxySettings {
    pub fn read(reader: &mut Reader, site: &SiteSettings, gate: &GateSettings) -> Self {
        let trusted = reader.parsed("TRUSTED_PROXIES", TrustedProxies::parse);
        match &trusted {
            Some(TrustedProxies::Networks(networks)) if is_nearly_everyone(networks) => {
                reader.risk(
                    Risk::AnyProxy,
                    "TRUSTED_PROXIES covers nearly all addresses, so clients can forge their own and bypass rate limits",
                    FIX,
                );
            }
            Some(TrustedProxies::Hops(_)) if site.host.is_some_and(|host| !host.is_loopback()) => {
                reader.warn(
                    "TRUSTED_PROXIES=hops:N believes every client that connects: make sure that only your proxy can. A client that \
                     reaches HOST and PORT directly can invent its address.",
                );
            }
            _ => {}
        }
        if let Some(TrustedProxies::Networks(networks)) = &trusted {
            note_about_host_bits(reader, "TRUSTED_PROXIES", networks);
        }
        let gate = if reader.text("GATE_PROXIES").is_some() {
            of_gate(reader, gate)
        } else {
            trusted.as_ref().map(TrustedProxies::gate_default)
        };
        Self { trusted, gate }
    }
}

/// Reports networks that are probably meant as single addresses.
fn note_about_host_bits(reader: &mut Reader, name: &str, networks: &[IpNet]) {
    for network in with_host_bits(networks) {
        reader.warn(format!(
            "{name} has {network}, which takes in all of {}. Write {} for that address alone.",
            network.trunc(),
            network.addr()
        ));
    }
}

fn of_gate(reader: &mut Reader, gate: &GateSettings) -> Option<Vec<IpNet>> {
    let found = reader.parsed("GATE_PROXIES", networks)?;
    note_about_host_bits(reader, "GATE_PROXIES", &found);
    if gate.apps.as_ref().is_some_and(Vec::is_empty) {
        reader.warn("GATE_PROXIES has no effect without GATE_ORIGINS.");
    }
    if is_nearly_everyone(&found) {
        reader.risk(
            Risk::AnyProxy,
            "GATE_PROXIES covers nearly all addresses, so any client can send requests to the gate on behalf of any app",
            FIX,
        );
    }
    Some(found)
}
