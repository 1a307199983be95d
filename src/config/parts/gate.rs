//! The apps that the gate guards, and what they learn about their users.

use url::Url;

use super::accounts::AccountSettings;
use super::names::split_name;
use super::origins::origin;
use super::reader::Reader;
use super::site::SiteSettings;
use crate::config::risk::Risk;
use crate::config::settings::{Registration, RemoteUser};
use crate::domain::gate::guarded_app::GuardedApp;
use crate::domain::gate::origin::GateOrigin;
use crate::domain::public_url::PublicUrl;

pub struct GateSettings {
    pub apps: Option<Vec<GuardedApp>>,
    pub remote_user: Option<RemoteUser>,
}

impl GateSettings {
    pub fn read(reader: &mut Reader, site: &SiteSettings, accounts: &AccountSettings) -> Self {
        let is_verification_off = accounts.verification_required == Some(false);
        let apps = reader.parsed("GATE_ORIGINS", guarded);
        let remote_user = remote_user(reader, is_verification_off);
        if let Some(apps) = &apps {
            let public_url = &site.assumed_url;
            judge_shared_origin(reader, apps, public_url);
            judge_encryption(reader, apps, public_url);
            if site.hsts_include_subdomains == Some(true) {
                judge_subdomains(reader, apps, public_url);
            }
        }
        if reader.text("GATE_ORIGINS").is_none() {
            if reader.text("GATE_REMOTE_USER").is_some() {
                reader.warn("GATE_REMOTE_USER has no effect without GATE_ORIGINS.");
            }
        } else if is_verification_off && remote_user == Some(RemoteUser::Email) {
            reader.problem(
                "GATE_REMOTE_USER=email cannot be used with EMAIL_VERIFICATION=off and GATE_ORIGINS: anyone could sign up with another \
                 person's email address and impersonate them. Set GATE_REMOTE_USER=id, or EMAIL_VERIFICATION=required. GATE_REMOTE_USER=handle \
                 also works if you create or import the users of your apps first, since the first to sign up gets the name.",
            );
        } else if remote_user == Some(RemoteUser::Handle)
            && accounts.registration == Some(Registration::Open)
        {
            reader.warn(
                "GATE_REMOTE_USER=handle with REGISTRATION=open: handles are made from addresses, so the first to sign up gets the name, \
                 also one that an app already knows. Create or import the users of your apps first.",
            );
        }
        Self { apps, remote_user }
    }
}

/// Parses guarded apps, without duplicates.
fn guarded(text: &str) -> Result<Vec<GuardedApp>, String> {
    let mut guarded: Vec<GuardedApp> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let app = guarded_app(part)?;
        match guarded.iter_mut().find(|it| it.origin == app.origin) {
            None => guarded.push(app),
            Some(GuardedApp { name: Some(first), origin }) => {
                if let Some(second) = app.name.filter(|second| second != first) {
                    return Err(format!(
                        "has two names for {origin}: {first} and {second}. Remove one"
                    ));
                }
            }
            Some(unnamed) => unnamed.name = app.name,
        }
    }
    Ok(guarded)
}

fn guarded_app(text: &str) -> Result<GuardedApp, String> {
    let (name, text) = split_name(text)?;
    let text = origin(text).map_err(|why| {
        format!("{why}. A name without = may stand before each: Wiki=https://wiki.example.org")
    })?;
    let origin = Url::parse(&text).ok().and_then(|url| GateOrigin::of(&url));
    let origin = origin.ok_or_else(|| format!("has {text}; guarded apps are http or https"))?;
    Ok(GuardedApp { name: name.map(ToOwned::to_owned), origin })
}

fn remote_user(reader: &mut Reader, is_verification_off: bool) -> Option<RemoteUser> {
    const NAME: &str = "GATE_REMOTE_USER";
    if reader.text(NAME) == Some("username") {
        // Without verification, users can choose any email address, just like a name.
        let instead = if is_verification_off { " or " } else { ", GATE_REMOTE_USER=email or " };
        reader.problem(format!(
            "{NAME}=username is no longer available: users choose their names, so they could rename themselves into other users. Set \
             {NAME}=handle, whose values are unique and only administrators change{instead}{NAME}=id."
        ));
        return None;
    }
    reader.choice(
        NAME,
        &[("email", RemoteUser::Email), ("handle", RemoteUser::Handle), ("id", RemoteUser::Id)],
    )
}

/// Reports an app at the origin of authflow itself.
fn judge_shared_origin(reader: &mut Reader, apps: &[GuardedApp], public_url: &PublicUrl) {
    if !apps.iter().any(|it| it.origin.as_str() == public_url.origin()) {
        return;
    }
    if public_url.base().is_empty() {
        reader.problem(
            "GATE_ORIGINS has the origin of PUBLIC_URL, where authflow serves every path itself; give authflow a host of its own, or a \
             path such as /id.",
        );
    } else {
        reader.warn(format!(
            "GATE_ORIGINS has {}, the origin of authflow itself: browsers do not tell the two apart, so scripts of that app can act as \
             its signed-in visitors. Do this only if you trust the app with every account.",
            public_url.origin()
        ));
    }
}

/// Reports apps without https.
fn judge_encryption(reader: &mut Reader, apps: &[GuardedApp], public_url: &PublicUrl) {
    let unencrypted = || apps.iter().map(|it| &it.origin).filter(|it| !it.is_https());
    for origin in unencrypted().filter(|it| !it.is_loopback()) {
        reader.risk(
            Risk::PlainHttp,
            &format!(
                "GATE_ORIGINS has {origin}, where the gate's cookie crosses the network unencrypted"
            ),
            "Use https for it",
        );
    }
    if public_url.is_https() {
        for origin in unencrypted().filter(|it| it.is_loopback()) {
            reader.warn(format!(
                "GATE_ORIGINS has {origin}, where the gate's cookie is not Secure; use https there too."
            ));
        }
    }
}

/// Reports apps that browsers can no longer reach because of `HSTS_INCLUDE_SUBDOMAINS`.
fn judge_subdomains(reader: &mut Reader, apps: &[GuardedApp], public_url: &PublicUrl) {
    let Some(domain) = public_url.domain().filter(|_| public_url.is_https()) else { return };
    let suffix = format!(".{domain}");
    let is_subdomain = |it: &&GateOrigin| it.site().trim_end_matches('.').ends_with(&suffix);
    let origins = apps.iter().map(|it| &it.origin);
    for origin in origins.filter(|it| !it.is_https()).filter(is_subdomain) {
        reader.warn(format!(
            "HSTS_INCLUDE_SUBDOMAINS=on makes browsers use https for {origin}, which GATE_ORIGINS has with http, so they can no longer \
             reach it. Use https there."
        ));
    }
}
