//! How often things may be tried. Counted in the database, so that it holds across instances and restarts; a cheap limit
//! in memory stands before it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::email::EmailKey;
use crate::domain::id::UserId;
use crate::domain::source::Source;
use crate::domain::throttle::{Count, Rule};
use crate::error::Result;
use crate::repositories::throttles;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Sign-ins at one account, whoever tries. A browser that the owner signed in from before has a count of its own.
const SIGN_IN: Rule = Rule::Growing {
    free: 5,
    first: Duration::from_secs(1),
    longest: Duration::from_mins(15),
    forget: DAY,
};
/// Wrong passwords from one network, whichever accounts they are for.
const SIGN_IN_NETWORK: Rule = Rule::Growing {
    free: 30,
    first: Duration::from_secs(1),
    longest: Duration::from_mins(5),
    forget: HOUR,
};
/// Codes of the second factor at one account: of a million, three are good at any time.
const CODE: Rule = Rule::Growing {
    free: 5,
    first: Duration::from_secs(2),
    longest: Duration::from_mins(15),
    forget: DAY,
};
/// Wrong codes after the right password, from browsers that the account does not know: one more, and the owner is told.
const REFUSED_CODES: Rule = Rule::Window { limit: 4, per: DAY };
/// How often the owner is told.
const REFUSED_CODES_MAIL: Rule = Rule::Window { limit: 1, per: DAY };
/// Mails to an owner about sign-ins from browsers and programs that the account does not know: a program that signs in every
/// minute is not to fill the mailbox.
const NEW_SIGN_IN_MAIL: Rule = Rule::Window { limit: 10, per: DAY };
/// Changes of address that one account may ask for.
const EMAIL_CHANGE: Rule = Rule::Window { limit: 5, per: HOUR };
/// Downloads of what is kept about one person.
const EXPORT: Rule = Rule::Window { limit: 10, per: HOUR };
/// Sign-ups from one network.
const REGISTER_NETWORK: Rule = Rule::Window { limit: 20, per: HOUR };
/// Forgotten passwords from one network.
const FORGOT_NETWORK: Rule = Rule::Window { limit: 60, per: HOUR };
/// Mails to one address that a stranger can cause.
const MAIL_HOURLY: Rule = Rule::Window { limit: 3, per: HOUR };
const MAIL_DAILY: Rule = Rule::Window { limit: 10, per: DAY };
/// Mails to whomever that a stranger in one network can cause. A sign-up counts as such: it is not to be lost without a word.
const MAIL_NETWORK: Rule = Rule::Window { limit: 20, per: HOUR };
/// New passwords judged for one network: that is the most expensive thing a stranger can ask for.
const CHOOSE_NETWORK: Rule = Rule::Window { limit: 60, per: HOUR };
/// Forms from one network, in memory.
const FORMS_NETWORK: Rule = Rule::Window { limit: 240, per: MINUTE };

/// Networks remembered in memory at most.
const LOCAL_NETWORKS: usize = 10_000;

/// Mails that a stranger can cause, by what causes them: sign-ups do not use up what the owner needs to set a new password.
#[derive(Clone, Copy, Debug)]
pub enum Mails {
    /// Sign-ups with the address, and sign-ins before it is confirmed.
    SignUp,
    /// Forgotten passwords.
    Reset,
    /// Accounts that want to move to the address.
    EmailChange,
}

/// Something whose tries are counted.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Sign-ins at the account with this address, which need not exist.
    SignIn(&'a EmailKey),
    /// Sign-ins at that account from a browser that it knows.
    SignInDevice(&'a EmailKey, Uuid),
    /// Sign-ins from a network.
    SignInNetwork(IpNet),
    /// Codes at an account.
    Code(UserId),
    /// Codes at an account from a browser that it knows.
    CodeDevice(UserId, Uuid),
    /// Wrong codes at an account after the right password.
    RefusedCodes(UserId),
    /// Mails that tell of them.
    RefusedCodesMail(UserId),
    /// Mails that tell of a sign-in from an unknown browser.
    NewSignInMail(UserId),
    /// Changes of address that an account asks for.
    EmailChange(UserId),
    /// Downloads of what is kept about a person.
    Export(UserId),
    /// Sign-ups from a network.
    RegisterNetwork(IpNet),
    /// Forgotten passwords from a network.
    ForgotNetwork(IpNet),
    /// Passwords chosen from a network.
    ChooseNetwork(IpNet),
    /// Mails of one kind to an address, by the hour.
    MailHourly(Mails, &'a EmailKey),
    /// Mails of one kind to an address, by the day.
    MailDaily(Mails, &'a EmailKey),
    /// Mails of one kind that are asked for from a network.
    MailNetwork(Mails, IpNet),
}

impl Subject<'_> {
    fn rule(self) -> Rule {
        match self {
            Self::SignIn(_) | Self::SignInDevice(..) => SIGN_IN,
            Self::SignInNetwork(_) => SIGN_IN_NETWORK,
            Self::Code(_) | Self::CodeDevice(..) => CODE,
            Self::RefusedCodes(_) => REFUSED_CODES,
            Self::RefusedCodesMail(_) => REFUSED_CODES_MAIL,
            Self::NewSignInMail(_) => NEW_SIGN_IN_MAIL,
            Self::EmailChange(_) => EMAIL_CHANGE,
            Self::Export(_) => EXPORT,
            Self::RegisterNetwork(_) => REGISTER_NETWORK,
            Self::ForgotNetwork(_) => FORGOT_NETWORK,
            Self::ChooseNetwork(_) => CHOOSE_NETWORK,
            Self::MailHourly(..) => MAIL_HOURLY,
            Self::MailDaily(..) => MAIL_DAILY,
            Self::MailNetwork(..) => MAIL_NETWORK,
        }
    }

    fn id(self, app: &App) -> [u8; 32] {
        let name = match self {
            Self::SignIn(email) => format!("sign-in {}", email.as_str()),
            Self::SignInDevice(email, device) => format!("sign-in {} {device}", email.as_str()),
            Self::SignInNetwork(network) => format!("sign-in-network {network}"),
            Self::Code(user) => format!("code {user}"),
            Self::CodeDevice(user, device) => format!("code {user} {device}"),
            Self::RefusedCodes(user) => format!("refused-codes {user}"),
            Self::RefusedCodesMail(user) => format!("refused-codes-mail {user}"),
            Self::NewSignInMail(user) => format!("new-sign-in-mail {user}"),
            Self::EmailChange(user) => format!("email-change {user}"),
            Self::Export(user) => format!("export {user}"),
            Self::RegisterNetwork(network) => format!("register {network}"),
            Self::ForgotNetwork(network) => format!("forgot {network}"),
            Self::ChooseNetwork(network) => format!("choose {network}"),
            Self::MailHourly(mails, email) => format!("mail-hourly {mails:?} {}", email.as_str()),
            Self::MailDaily(mails, email) => format!("mail-daily {mails:?} {}", email.as_str()),
            Self::MailNetwork(mails, network) => format!("mail-network {mails:?} {network}"),
        };
        app.secrets.throttle.tag(name.as_bytes())
    }
}

/// Counts a try before it is made, so that a burst of parallel tries does not slip through. `Err`: how long to wait.
pub async fn count(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<Result<(), Duration>> {
    let (id, now) = (subject.id(app), app.clock.now());
    loop {
        let before = throttles::find(&mut *tx, &id).await?;
        match subject.rule().count(before, now) {
            Err(wait) => return Ok(Err(wait)),
            Ok(next) if throttles::replace(tx, &id, before, next).await? => return Ok(Ok(())),
            Ok(_) => {} // somebody else counted in between
        }
    }
}

/// Counts a mail to an address that a stranger may have caused. `Err`: it gets enough of them, for so long.
pub async fn count_mail(
    app: &App,
    tx: &mut Tx,
    mails: Mails,
    recipient: &EmailKey,
) -> Result<Result<(), Duration>> {
    let counted = count(app, tx, Subject::MailHourly(mails, recipient)).await?;
    if counted.is_err() {
        return Ok(counted);
    }
    count(app, tx, Subject::MailDaily(mails, recipient)).await
}

/// Forgets the mails that somebody else caused: their recipient has said so.
pub async fn forget_mails(
    app: &App,
    tx: &mut Tx,
    mails: Mails,
    recipient: &EmailKey,
) -> Result<()> {
    forget(app, tx, Subject::MailHourly(mails, recipient)).await?;
    forget(app, tx, Subject::MailDaily(mails, recipient)).await
}

/// Forgets the tries of a subject that has turned out to be its owner.
pub async fn forget(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<()> {
    throttles::delete(tx, &subject.id(app)).await
}

/// Takes one try back that has turned out to be a success.
pub async fn take_back(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<()> {
    throttles::take_back(tx, &subject.id(app), app.clock.now()).await
}

/// Counts forms per network in memory: costs no query, and forgets with the process.
#[derive(Debug, Default)]
pub struct LocalThrottle(Mutex<LocalCounts>);

#[derive(Debug, Default)]
struct LocalCounts {
    by_network: HashMap<IpNet, Count>,
    cleaned_at: Option<Timestamp>,
}

impl LocalThrottle {
    /// Counts a form. `Err`: how long to wait.
    pub fn count(&self, source: &Source, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let network = source.network();
        let next = FORMS_NETWORK.count(counts.by_network.get(&network).copied(), now)?;
        if counts.by_network.len() >= LOCAL_NETWORKS && counts.cleaned_at != Some(now) {
            counts.cleaned_at = Some(now); // at most once a second, however many networks knock
            counts.by_network.retain(|_, count| now.since(count.since) < MINUTE);
        }
        // Still full: as many networks within one minute. The database's limits hold without this one.
        if counts.by_network.len() < LOCAL_NETWORKS || counts.by_network.contains_key(&network) {
            counts.by_network.insert(network, next);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn forms_are_limited_per_network_and_memory_is_bounded() {
        let throttle = LocalThrottle::default();
        let source = |n: u32| Source::new(IpAddr::V4(n.into()), "", String::new());
        let now = Timestamp(1_000);
        for _ in 0..240 {
            assert!(throttle.count(&source(1), now).is_ok());
        }
        assert!(throttle.count(&source(1), now).is_err());
        assert!(throttle.count(&source(2), now).is_ok());
        assert!(throttle.count(&source(1), now.after(MINUTE)).is_ok());
        for n in 10..30_000 {
            throttle.count(&source(n), now).unwrap();
        }
        assert!(throttle.0.lock().unwrap().by_network.len() <= LOCAL_NETWORKS);
    }
}
