//! Sign-up, sessions and passwords.

use std::num::NonZero;
use std::time::Duration;

use argon2::Params;

use super::reader::Reader;
use super::site::SiteSettings;
use crate::config::settings::{Lifetimes, PasswordConfig, Registration};
use crate::domain::sign_in::refresh_token::Rotation;
use crate::domain::two_factor::policy::SecondFactorPolicy;

const REGISTRATIONS: [(&str, Registration); 4] = [
    ("open", Registration::Open),
    ("invite", Registration::Invite),
    ("approval", Registration::Approval),
    ("closed", Registration::Closed),
];

/// `(iterations, minimum memory in KiB)`: ASVS 5.0, appendix C.
const WEAKEST_ARGON2: [(u32, u32); 5] =
    [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)];

pub struct AccountSettings {
    pub registration: Option<Registration>,
    pub verification_required: Option<bool>,
    pub second_factor: Option<SecondFactorPolicy>,
    pub lifetimes: Option<Lifetimes>,
    pub audit_retention: Option<Duration>,
    pub passwords: Option<PasswordConfig>,
}

impl AccountSettings {
    pub fn read(reader: &mut Reader, site: &SiteSettings) -> Self {
        let verification = [("required", true), ("off", false)];
        Self {
            registration: reader.choice("REGISTRATION", &REGISTRATIONS),
            verification_required: reader.choice("EMAIL_VERIFICATION", &verification),
            second_factor: second_factor(reader, site),
            lifetimes: lifetimes(reader),
            audit_retention: reader.duration("AUDIT_RETENTION"),
            passwords: passwords(reader),
        }
    }
}

/// Without https there are only trials and development, where no one should have to set up an authenticator app.
fn second_factor(reader: &mut Reader, site: &SiteSettings) -> Option<SecondFactorPolicy> {
    let optional = ("optional", SecondFactorPolicy::Optional);
    let admins = ("admins", SecondFactorPolicy::Admins);
    let everyone = ("everyone", SecondFactorPolicy::Everyone);
    let is_https = site.assumed_url.is_https();
    let default = if is_https { admins.0 } else { optional.0 };
    reader.choice_or("SECOND_FACTOR", default, &[optional, admins, everyone])
}

fn lifetimes(reader: &mut Reader) -> Option<Lifetimes> {
    let access_token = reader.duration("ACCESS_TOKEN_TTL");
    let session = reader.duration("REFRESH_TOKEN_TTL");
    let idle = reader.duration("SESSION_IDLE_TTL");
    let reset_token = reader.duration("RESET_TOKEN_TTL");
    let after = reader.duration("ROTATE_AFTER");
    let grace = reader.duration("ROTATION_GRACE");
    let rotation = Rotation { after: after?, grace: grace? };
    if rotation.after <= rotation.grace {
        reader.problem("ROTATE_AFTER must be longer than ROTATION_GRACE.");
    }
    if reader.text("SESSION_IDLE_TTL").is_some() && session.is_some_and(|it| idle > Some(it)) {
        reader.warn("SESSION_IDLE_TTL has no effect: it is longer than REFRESH_TOKEN_TTL, which ends a session before.");
    }
    Some(Lifetimes {
        access_token: access_token?,
        session: session?,
        idle: idle?,
        reset_token: reset_token?,
        rotation,
    })
}

fn passwords(reader: &mut Reader) -> Option<PasswordConfig> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let min_length = reader.number("PASSWORD_MIN_LENGTH");
    let memory = reader.number("ARGON2_MEMORY_KIB");
    let iterations = reader.number("ARGON2_ITERATIONS");
    let workers = reader.number_or("HASH_WORKERS", &cores.to_string());
    let queue = reader.number("HASH_QUEUE");
    let (memory, iterations) = (memory?, iterations?);
    let weakest = WEAKEST_ARGON2.into_iter().rev().find(|(from, _)| iterations >= *from);
    if let Some((_, least)) = weakest.filter(|(_, least)| memory < *least) {
        reader.problem(format!(
            "ARGON2_MEMORY_KIB must be at least {least} with ARGON2_ITERATIONS={iterations}; less is too easy to crack."
        ));
    }
    Some(PasswordConfig {
        min_length: usize::try_from(min_length?).ok()?,
        argon2: Params::new(memory, iterations, 1, None).ok()?,
        workers: usize::try_from(workers?).ok()?,
        queue: usize::try_from(queue?).ok()?,
    })
}
