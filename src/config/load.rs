//! Reads all parts of the configuration, and puts them together.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use super::environment::Environment;
use super::parts::accounts::AccountSettings;
use super::parts::api::ApiSettings;
use super::parts::gate::GateSettings;
use super::parts::looks;
use super::parts::mail::MailSettings;
use super::parts::proxies::ProxySettings;
use super::parts::reader::Reader;
use super::parts::site::SiteSettings;
use super::parts::storage::StorageSettings;
use super::problems::{Loaded, Problems};
use super::secret_file::SecretFile;
use super::settings::{Config, JwtConfig};
use crate::looks::Looks;
use crate::looks::assets::Assets;
use crate::secret::MasterKey;

/// The result of reading each part. A variable with a problem is `None` there.
struct Parts {
    site: SiteSettings,
    looks: Looks,
    storage: StorageSettings,
    master_key: Option<MasterKey>,
    mail: MailSettings,
    accounts: AccountSettings,
    gate: GateSettings,
    proxies: ProxySettings,
    api: ApiSettings,
}

impl Config {
    /// Reads the environment, the settings file (`.env` if no other is named) and the files of `NAME_FILE`.
    pub fn load(env_file: Option<&Path>, secret_file: SecretFile) -> Result<Loaded, Problems> {
        Self::of(Environment::load(env_file), secret_file)
    }

    /// Reads the configuration from the variables of an environment. An empty value counts as none.
    pub fn read(
        variables: BTreeMap<String, String>,
        secret_file: SecretFile,
    ) -> Result<Loaded, Problems> {
        Self::of(Environment::of(variables), secret_file)
    }

    fn of(environment: Environment, secret_file: SecretFile) -> Result<Loaded, Problems> {
        let mut reader = Reader::new(environment);
        let site = SiteSettings::read(&mut reader);
        let looks = looks::read(&mut reader);
        let storage = StorageSettings::read(&mut reader);
        let mail = MailSettings::read(&mut reader, &site, &storage.data_dir);
        let accounts = AccountSettings::read(&mut reader, &site);
        let gate = GateSettings::read(&mut reader, &site, &accounts);
        let proxies = ProxySettings::read(&mut reader, &site, &gate);
        let api = ApiSettings::read(&mut reader, &site, &gate);
        // Last, so that nothing is created for settings with a problem.
        let master_key = storage.master_key(&mut reader, secret_file);
        let parts = Parts { site, looks, storage, master_key, mail, accounts, gate, proxies, api };
        reader.finish(parts.complete())
    }
}

impl Parts {
    /// The configuration, if no variable has a problem.
    fn complete(self) -> Option<Config> {
        let Self { site, looks, storage, master_key, mail, accounts, gate, proxies, api } = self;
        Some(Config {
            listen: SocketAddr::new(site.host?, site.port?),
            public_url: site.public_url?,
            database: storage.database?,
            database_setting: storage.database_setting,
            database_ca_file: storage.database_ca_file,
            data_dir: storage.data_dir,
            master_key: master_key?,
            secret_file: storage.secret_file,
            mail_from: mail.from?,
            mail: mail.transport?,
            mail_timeout: mail.timeout?,
            emails_per_minute: mail.emails_per_minute?.into(),
            registration: accounts.registration?,
            verification_required: accounts.verification_required?,
            second_factor: accounts.second_factor?,
            lifetimes: accounts.lifetimes?,
            audit_retention: accounts.audit_retention?,
            guarded_apps: gate.apps?,
            gate_remote_user: gate.remote_user?,
            cors_allowed_origins: api.cors_allowed_origins?,
            trusted_proxies: proxies.trusted?,
            gate_proxies: proxies.gate?,
            hsts_include_subdomains: site.hsts_include_subdomains?,
            jwt: JwtConfig { algorithm: api.jwt_algorithm?, audiences: api.jwt_audiences? },
            passwords: accounts.passwords?,
            site_name: site.name,
            assets: Assets::of(&looks).into(),
            looks,
            default_language: site.default_language?,
            default_time_zone: site.default_time_zone?,
            log_format: site.log_format?,
            log_filter: site.log_filter,
        })
    }
}
