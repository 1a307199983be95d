//! Puts the configuration together.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::environment::Environment;
use super::parts::accounts::Accounts;
use super::parts::api::Api;
use super::parts::gate::Gate;
use super::parts::mail::Mail;
use super::parts::proxies::Proxies;
use super::parts::reader::Reader;
use super::parts::site::Site;
use super::parts::storage::Storage;
use super::problems::{Loaded, Problems};
use super::secret_file::SecretFile;
use super::settings::{Config, JwtConfig};

/// What every part has read. A variable that cannot be used is `None` there.
struct Parts {
    site: Site,
    storage: Storage,
    mail: Mail,
    accounts: Accounts,
    gate: Gate,
    proxies: Proxies,
    api: Api,
}

impl Config {
    /// Reads the environment and `.env`.
    pub fn load(secret_file: SecretFile) -> Result<Loaded, Problems> {
        let Environment { variables, warnings } = Environment::read()?;
        match Self::read(variables, secret_file) {
            Ok(mut loaded) => {
                loaded.warnings.extend(warnings);
                Ok(loaded)
            }
            Err(mut problems) => {
                problems.0.extend(warnings);
                Err(problems)
            }
        }
    }

    /// Reads the configuration from `variables`. An empty value counts as none.
    pub fn read(
        variables: BTreeMap<String, String>,
        secret_file: SecretFile,
    ) -> Result<Loaded, Problems> {
        let mut reader = Reader::new(variables);
        let site = Site::read(&mut reader);
        let storage = Storage::read(&mut reader, secret_file);
        let mail = Mail::read(&mut reader, &site, &storage.data_dir);
        let accounts = Accounts::read(&mut reader);
        let gate = Gate::read(&mut reader, &site, &accounts);
        let proxies = Proxies::read(&mut reader, &site, &gate);
        let api = Api::read(&mut reader, &site, &gate);
        let parts = Parts { site, storage, mail, accounts, gate, proxies, api };
        reader.finish(parts.complete())
    }
}

impl Parts {
    /// The whole, if every variable can be used.
    fn complete(self) -> Option<Config> {
        let Self { site, storage, mail, accounts, gate, proxies, api } = self;
        Some(Config {
            listen: SocketAddr::new(site.host?, site.port?),
            public_url: site.public_url?,
            database: storage.database?,
            database_ca_file: storage.database_ca_file,
            data_dir: storage.data_dir,
            master_key: storage.master_key?,
            mail_from: mail.from?,
            mail: mail.transport?,
            mail_timeout: mail.timeout?,
            emails_per_minute: mail.emails_per_minute?.into(),
            registration: accounts.registration?,
            verification_required: accounts.verification_required?,
            lifetimes: accounts.lifetimes?,
            audit_retention: accounts.audit_retention?,
            gate_origins: gate.origins?,
            gate_remote_user: gate.remote_user?,
            cors_allowed_origins: api.cors_allowed_origins?,
            trusted_proxies: proxies.trusted?,
            gate_proxies: proxies.gate?,
            hsts_include_subdomains: site.hsts_include_subdomains?,
            jwt: JwtConfig { algorithm: api.jwt_algorithm?, audiences: api.jwt_audiences? },
            passwords: accounts.passwords?,
            site_name: site.name,
            log_format: site.log_format?,
        })
    }
}
