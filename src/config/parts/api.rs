//! The JSON API: its access tokens, and the origins whose pages may call it.

use super::gate::GateSettings;
use super::origins::origins;
use super::reader::Reader;
use super::site::SiteSettings;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::sign_in::access_token::{Audiences, JwtAlgorithm};

pub struct ApiSettings {
    pub jwt_algorithm: Option<JwtAlgorithm>,
    pub jwt_audiences: Option<Audiences>,
    pub cors_allowed_origins: Option<Vec<String>>,
}

impl ApiSettings {
    pub fn read(reader: &mut Reader, site: &SiteSettings, gate: &GateSettings) -> Self {
        let algorithms = [("ES256", JwtAlgorithm::Es256), ("EdDSA", JwtAlgorithm::EdDsa)];
        let jwt_algorithm = reader.choice("JWT_ALGORITHM", &algorithms);
        let jwt_audiences = audiences(reader, site, gate);
        let cors_allowed_origins = reader.parsed("CORS_ALLOWED_ORIGINS", origins);
        for origin in cors_allowed_origins.iter().flatten().filter(|it| it.starts_with("http://")) {
            if GateOrigin::parse(origin).is_some_and(|origin| !origin.is_loopback()) {
                reader.warn(format!(
                    "CORS_ALLOWED_ORIGINS has {origin}: an attacker on the network can change its pages, which can then act for their \
                     visitors at the API; use https there."
                ));
            }
        }
        Self { jwt_algorithm, jwt_audiences, cors_allowed_origins }
    }
}

fn audiences(reader: &mut Reader, site: &SiteSettings, gate: &GateSettings) -> Option<Audiences> {
    let public_url = site.public_url.as_ref().map(ToString::to_string);
    if reader.text("JWT_AUDIENCE").is_none() {
        return Some(Audiences::new(public_url?, Vec::new()));
    }
    let audiences = reader.parsed("JWT_AUDIENCE", parse)?;
    let guarded = gate.apps.as_deref().unwrap_or_default();
    if audiences.all().any(|it| guarded.iter().any(|app| app.origin.as_str() == it)) {
        reader.problem(
            "JWT_AUDIENCE has one of GATE_ORIGINS: that app could not tell the tokens that it gets from the gate from those that clients \
             ask for; choose another.",
        );
    }
    let (public_url, own) = (public_url?, audiences.own());
    if audiences.all().all(|it| it == own) && own != public_url {
        reader.warn(format!(
            "JWT_AUDIENCE has one audience, which is then that of authflow's own API as well: a service that verifies these tokens can \
             use them there. Give each an audience of its own: JWT_AUDIENCE={public_url},{own}."
        ));
    }
    Some(audiences)
}

/// Names or URLs of services, with that of authflow's own API first.
fn parse(text: &str) -> Result<Audiences, String> {
    let mut all: Vec<String> = Vec::new();
    for audience in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        if audience.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("must be names or URLs separated by commas, without spaces".into());
        }
        if !all.iter().any(|it| it == audience) {
            all.push(audience.to_owned());
        }
    }
    if all.is_empty() {
        return Err("must name an audience".into());
    }
    let others = all.split_off(1);
    Ok(Audiences::new(all.concat(), others))
}
