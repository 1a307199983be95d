//! How often things may be tried. Counted in the database, so that it holds across instances and restarts; a cheap limit
//! in memory stands before it.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use uuid::Uuid;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::email::EmailKey;
use crate::domain::account::user::User;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::throttle::{Count, Rule, reset_spacing};
use crate::domain::source::Source;
use crate::domain::user_agent;
use crate::error::Result;
use crate::repositories::throttles;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Sign-ins at one account: from one network, from one browser that the account knows, or in one session that asks for the
/// password again. What happens elsewhere never counts here.
const SIGN_IN: Rule = Rule::Growing {
    free: 5,
    first: Duration::from_secs(1),
    longest: Duration::from_mins(15),
    forget: DAY,
};
/// The same from one network while the account is under attack. The first try of a network is always looked at, so that the
/// owner's right password works in a new browser. A botnet gets some 30 tries a day for each of its networks, too few for any
/// password that this site accepts.
const SIGN_IN_ATTACKED: Rule = Rule::Growing { free: 2, first: MINUTE, longest: HOUR, forget: DAY };
/// So many wrong passwords in a day, from browsers that the account does not know, are an attack.
const ATTACK: i64 = 50;
/// Counts them; refuses nothing.
const SIGN_IN_ACCOUNT: Rule = Rule::Window { limit: i64::MAX, per: DAY };
/// How often the owner is told.
const PASSWORDS_REFUSED_MAIL: Rule = Rule::Window { limit: 1, per: DAY };
/// Wrong passwords from one network, whichever accounts they are for.
const SIGN_IN_NETWORK: Rule = Rule::Growing {
    free: 30,
    first: Duration::from_secs(1),
    longest: Duration::from_mins(5),
    forget: HOUR,
};
/// Codes of the second factor from one browser that the account knows, in one session, or with a mailed link in hand.
const CODE: Rule = Rule::Growing {
    free: 5,
    first: Duration::from_secs(2),
    longest: Duration::from_mins(15),
    forget: DAY,
};
/// The same from one network.
const CODE_NETWORK: Rule =
    Rule::Growing { free: 5, first: Duration::from_secs(2), longest: HOUR, forget: DAY };
/// Codes of an authenticator app at one account, from browsers that it does not know, wherever they are. Of a million codes three
/// are good at any time, so whoever knows the password and has any number of networks gets in with a chance of 0.03 % a day, and
/// the owner is told after five codes. Recovery codes (120 bits) are not counted here.
///
/// One network reaches some 40 codes a day. Only a stranger who knows the password and has a dozen networks can use this up and
/// keep new browsers waiting. Browsers that the account knows, recovery codes and a reset link (which counts by itself, and ends
/// what the stranger knows) still work then.
const CODE_ACCOUNT: Rule = Rule::Window { limit: 100, per: DAY };
/// Wrong codes from browsers that the account does not know: one more, and the owner is told.
const REFUSED_CODES: Rule = Rule::Window { limit: 4, per: DAY };
/// How often the owner is told.
const REFUSED_CODES_MAIL: Rule = Rule::Window { limit: 1, per: DAY };
/// Emails to an owner about sign-ins of one kind of browser or program from one network. A program that signs in every minute
/// does not fill the mailbox, and takes nothing from what tells of a thief.
const NEW_SIGN_IN_MAIL: Rule = Rule::Window { limit: 3, per: DAY };
/// The same for all kinds in one network: whoever invents names of programs is not told of for ever.
const NEW_SIGN_IN_NETWORK_MAIL: Rule = Rule::Window { limit: 10, per: DAY };
/// Emails that tell an owner what was done in the account, sent outside the budget. Whoever is signed in can cause any number of them.
const OWN_NOTICES: Rule = Rule::Window { limit: 10, per: HOUR };
/// Changes of address that one account may ask for.
const EMAIL_CHANGE: Rule = Rule::Window { limit: 5, per: HOUR };
/// Downloads of what is kept about one person.
const EXPORT: Rule = Rule::Window { limit: 10, per: HOUR };
/// Sign-ups from one network. A sign-up is not to be lost without a word, so this is also how many emails it can cause.
const REGISTER_NETWORK: Rule = Rule::Window { limit: 20, per: HOUR };
/// Reset links asked for from one network, whether the addresses have accounts or not. Beyond that those that have one still get
/// their link; the others leave no trace.
const FORGOT_NETWORK: Rule = Rule::Window { limit: 20, per: HOUR };
/// Emails to one address that a stranger can cause.
const MAIL_HOURLY: Rule = Rule::Window { limit: 3, per: HOUR };
const MAIL_DAILY: Rule = Rule::Window { limit: 10, per: DAY };
/// Changes of address asked for from one network.
const EMAIL_CHANGE_NETWORK: Rule = Rule::Window { limit: 20, per: HOUR };
/// New passwords judged, for one network or for one account: the most expensive thing that a stranger can ask for.
const CHOOSE: Rule = Rule::Window { limit: 60, per: HOUR };
/// Forms from one network, or from the browsers that one account knows, in memory.
const FORMS: Rule = Rule::Window { limit: 240, per: MINUTE };

/// Networks and accounts remembered in memory at most.
const LOCAL_COUNTS: usize = 10_000;
/// Counts shared by all of one width that find no place among them.
const LOCAL_SHARED: usize = 1_024;

/// Emails that a stranger can cause, by what causes them: sign-ups do not use up what an owner needs to change the address.
#[derive(Clone, Copy, Debug)]
pub enum Mails {
    /// Sign-ups with the address, and sign-ins to one that waits to be confirmed.
    SignUp,
    /// Confirmation links for an account in use, whose owner has signed in or typed the password. Counted by account: no one else's
    /// sign-ups, addresses or networks use up what an owner needs.
    Confirmation,
    /// Accounts that want to move to the address.
    EmailChange,
}

impl Mails {
    /// By what emails to an address are counted: the mailbox, or the account, which no other account with the same mailbox may block.
    fn counted_by(self, email: &EmailKey) -> String {
        match self {
            Self::SignUp | Self::EmailChange => email.mailbox(),
            Self::Confirmation => email.as_str().to_owned(),
        }
    }
}

/// Who tries a password or a code, and so whose tries are counted. No one who is one of the first three is ever held back by what
/// others do.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// A browser that the account knows with today's credentials.
    Device(Uuid),
    /// A session of the account.
    Session(SessionId),
    /// Whoever holds a link that was mailed to the account.
    Mailbox,
    /// Anyone else: their network.
    Stranger(&'a Source),
}

impl<'a> Who<'a> {
    /// A browser that the account knows, or else `other`.
    #[must_use]
    pub fn known_or(user: Option<&User>, device: Option<&Device>, other: Who<'a>) -> Self {
        match (user, device) {
            (Some(user), Some(device)) if user.knows(Some(device)) => Self::Device(device.id()),
            _ => other,
        }
    }
}

/// Something whose tries are counted.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Sign-ins at the account with this address, which need not exist.
    SignIn(&'a EmailKey, Who<'a>),
    /// The same, while the account is under attack.
    SignInAttacked(&'a EmailKey, Who<'a>),
    /// Sign-ins at that account from browsers that it does not know, wherever they are.
    SignInAccount(&'a EmailKey),
    /// Emails that tell the owner of those.
    PasswordsRefusedMail(&'a EmailKey),
    /// Sign-ins from a network.
    SignInNetwork(&'a Source),
    /// Codes of an authenticator app at an account.
    Code(UserId, Who<'a>),
    /// The same from browsers that the account does not know, wherever they are.
    CodeAccount(UserId),
    /// Recovery codes at an account.
    RecoveryCode(UserId, Who<'a>),
    /// Wrong codes at an account from browsers that it does not know.
    RefusedCodes(UserId),
    /// Emails that tell of them.
    RefusedCodesMail(UserId),
    /// Emails that tell of a sign-in from an unknown browser of a kind in a network.
    NewSignInMail(UserId, &'a Source),
    /// The same for all kinds in a network.
    NewSignInNetworkMail(UserId, &'a Source),
    /// Emails to this address about what its owner, or whoever is in the account, has done.
    OwnNotices(&'a str),
    /// Changes of address that an account asks for.
    EmailChange(UserId),
    /// Downloads of what is kept about a person.
    Export(UserId),
    /// Sign-ups from a network.
    RegisterNetwork(&'a Source),
    /// Reset links asked for from a network.
    ForgotNetwork(&'a Source),
    /// Reset emails to the account with this address, which need not exist.
    ResetMail(&'a EmailKey),
    /// Passwords chosen from a network.
    ChooseNetwork(&'a Source),
    /// Passwords chosen for an account.
    ChooseUser(UserId),
    /// Emails of one kind to an address, by the hour.
    MailHourly(Mails, &'a EmailKey),
    /// Emails of one kind to an address, by the day.
    MailDaily(Mails, &'a EmailKey),
    /// Changes of address asked for from a network.
    EmailChangeNetwork(&'a Source),
    /// Emails of the whole installation that strangers can cause.
    Emails,
}

/// One row to count in: what it is called, and its rule.
struct Counter {
    id: [u8; 32],
    rule: Rule,
}

impl<'a> Subject<'a> {
    fn rule(self, app: &App) -> Rule {
        match self {
            Self::SignIn(..) => SIGN_IN,
            Self::SignInAttacked(..) => SIGN_IN_ATTACKED,
            Self::SignInAccount(_) => SIGN_IN_ACCOUNT,
            Self::PasswordsRefusedMail(_) => PASSWORDS_REFUSED_MAIL,
            Self::SignInNetwork(_) => SIGN_IN_NETWORK,
            Self::Code(_, Who::Stranger(_)) | Self::RecoveryCode(_, Who::Stranger(_)) => {
                CODE_NETWORK
            }
            Self::Code(..) | Self::RecoveryCode(..) => CODE,
            Self::CodeAccount(_) => CODE_ACCOUNT,
            Self::RefusedCodes(_) => REFUSED_CODES,
            Self::RefusedCodesMail(_) => REFUSED_CODES_MAIL,
            Self::NewSignInMail(..) => NEW_SIGN_IN_MAIL,
            Self::NewSignInNetworkMail(..) => NEW_SIGN_IN_NETWORK_MAIL,
            Self::OwnNotices(_) => OWN_NOTICES,
            Self::EmailChange(_) => EMAIL_CHANGE,
            Self::Export(_) => EXPORT,
            Self::RegisterNetwork(_) => REGISTER_NETWORK,
            Self::ForgotNetwork(_) => FORGOT_NETWORK,
            Self::ResetMail(_) => {
                let per = reset_spacing(app.config.lifetimes.reset_token);
                Rule::Window { limit: 1, per }
            }
            Self::ChooseNetwork(_) | Self::ChooseUser(_) => CHOOSE,
            Self::MailHourly(..) => MAIL_HOURLY,
            Self::MailDaily(..) => MAIL_DAILY,
            Self::EmailChangeNetwork(_) => EMAIL_CHANGE_NETWORK,
            Self::Emails => Rule::Window { limit: app.config.emails_per_minute, per: MINUTE },
        }
    }

    /// What it is called, and the client whose networks it counts in, if it counts by network.
    fn name(self) -> (String, Option<&'a Source>) {
        let of_who = |name: String, who: Who<'a>| match who {
            Who::Device(device) => (format!("{name} device {device}"), None),
            Who::Session(session) => (format!("{name} session {session}"), None),
            Who::Mailbox => (format!("{name} mailbox"), None),
            Who::Stranger(source) => (name, Some(source)),
        };
        match self {
            Self::SignIn(email, who) | Self::SignInAttacked(email, who) => {
                of_who(format!("sign-in {}", email.as_str()), who)
            }
            Self::SignInAccount(email) => (format!("sign-in-account {}", email.as_str()), None),
            Self::PasswordsRefusedMail(email) => {
                (format!("passwords-refused-mail {}", email.as_str()), None)
            }
            Self::SignInNetwork(source) => ("sign-in-network".into(), Some(source)),
            Self::Code(user, who) => of_who(format!("code {user}"), who),
            Self::CodeAccount(user) => (format!("code-account {user}"), None),
            Self::RecoveryCode(user, who) => of_who(format!("recovery-code {user}"), who),
            Self::RefusedCodes(user) => (format!("refused-codes {user}"), None),
            Self::RefusedCodesMail(user) => (format!("refused-codes-mail {user}"), None),
            // Each network by itself: a thief next door is another one.
            Self::NewSignInMail(user, source) => {
                let (network, kind) = (source.network(), user_agent::in_words(&source.user_agent));
                (format!("new-sign-in-mail {user} {network} {kind}"), None)
            }
            Self::NewSignInNetworkMail(user, source) => {
                (format!("new-sign-in-network-mail {user} {}", source.network()), None)
            }
            Self::OwnNotices(recipient) => (format!("own-notices {recipient}"), None),
            Self::EmailChange(user) => (format!("email-change {user}"), None),
            Self::Export(user) => (format!("export {user}"), None),
            Self::RegisterNetwork(source) => ("register".into(), Some(source)),
            Self::ForgotNetwork(source) => ("forgot".into(), Some(source)),
            Self::ResetMail(email) => (format!("reset-mail {}", email.as_str()), None),
            Self::ChooseNetwork(source) => ("choose".into(), Some(source)),
            Self::ChooseUser(user) => (format!("choose-user {user}"), None),
            Self::MailHourly(mails, email) => {
                (format!("mail-hourly {mails:?} {}", mails.counted_by(email)), None)
            }
            Self::MailDaily(mails, email) => {
                (format!("mail-daily {mails:?} {}", mails.counted_by(email)), None)
            }
            Self::EmailChangeNetwork(source) => ("email-change-network".into(), Some(source)),
            Self::Emails => ("emails".into(), None),
        }
    }

    /// Where it is counted: in one row, or in one for each network that the client is in, the widest first. Parallel requests take
    /// them in the same order, so that none waits for another in a circle.
    fn counters(self, app: &App) -> Vec<Counter> {
        let rule = self.rule(app);
        let counter =
            |name: &str, rule| Counter { id: app.secrets.throttle.tag(name.as_bytes()), rule };
        match self.name() {
            (name, None) => vec![counter(&name, rule)],
            (name, Some(source)) => {
                let networks = source.networks().into_iter().rev();
                let counters = networks.map(|shared| {
                    counter(&format!("{name} {}", shared.network), rule.shared(shared.percent))
                });
                counters.collect()
            }
        }
    }
}

/// Counts a try before it is made, so that a burst of parallel tries does not slip through. `Err`: how long to wait.
pub async fn count(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<Result<(), Duration>> {
    count_all(app, tx, &[subject]).await
}

/// The same for a try that counts in several ways: in all of them or, where one refuses, in none.
pub async fn count_all(
    app: &App,
    tx: &mut Tx,
    subjects: &[Subject<'_>],
) -> Result<Result<(), Duration>> {
    let now = app.clock.now();
    let mut counted = Vec::new();
    let mut longest = None;
    for counter in subjects.iter().flat_map(|subject| subject.counters(app)) {
        let before = throttles::find(&mut *tx, &counter.id).await?;
        match counter.rule.count(before, now) {
            Ok(next) => counted.push((counter, before, next)),
            Err(wait) => longest = longest.max(Some(wait)),
        }
    }
    if let Some(wait) = longest {
        return Ok(Err(wait));
    }
    for (Counter { id, rule }, mut before, mut next) in counted {
        while !throttles::replace(tx, &id, before, next, rule.forgotten_at(next)).await? {
            // Another request counted in between. If it took the last try, what was counted so far stays counted.
            before = throttles::find(&mut *tx, &id).await?;
            match rule.count(before, now) {
                Ok(again) => next = again,
                Err(wait) => return Ok(Err(wait)),
            }
        }
    }
    Ok(Ok(()))
}

/// Counts a try at a password. `Err`: how long to wait.
pub async fn count_sign_in(
    app: &App,
    tx: &mut Tx,
    email: &EmailKey,
    who: Who<'_>,
) -> Result<Result<(), Duration>> {
    let Who::Stranger(source) = who else {
        return count(app, tx, Subject::SignIn(email, who)).await;
    };
    let of_account = if is_attacked(app, tx, email).await? {
        Subject::SignInAttacked(email, who)
    } else {
        Subject::SignIn(email, who)
    };
    let all = [Subject::SignInNetwork(source), of_account, Subject::SignInAccount(email)];
    count_all(app, tx, &all).await
}

/// Takes such a try back: no one has looked at the password.
pub async fn take_back_sign_in(
    app: &App,
    tx: &mut Tx,
    email: &EmailKey,
    who: Who<'_>,
) -> Result<()> {
    if let Who::Stranger(source) = who {
        take_back(app, tx, Subject::SignInNetwork(source)).await?;
    }
    take_back(app, tx, Subject::SignIn(email, who)).await?;
    if let Who::Stranger(_) = who {
        take_back(app, tx, Subject::SignInAccount(email)).await?;
    }
    Ok(())
}

/// Forgets the tries that led to the right password: all from there, and the last of the network's and the account's.
pub async fn forget_sign_in(app: &App, tx: &mut Tx, email: &EmailKey, who: Who<'_>) -> Result<()> {
    if let Who::Stranger(source) = who {
        take_back(app, tx, Subject::SignInNetwork(source)).await?;
    }
    forget(app, tx, Subject::SignIn(email, who)).await?;
    if let Who::Stranger(_) = who {
        take_back(app, tx, Subject::SignInAccount(email)).await?;
    }
    Ok(())
}

/// Whether so many wrong passwords were tried at an account today, from browsers that it does not know, that this is an attack.
pub async fn is_attacked(app: &App, tx: &mut Tx, email: &EmailKey) -> Result<bool> {
    for Counter { id, rule } in Subject::SignInAccount(email).counters(app) {
        let count = throttles::find(&mut *tx, &id).await?;
        if rule.tries(count, app.clock.now()) > ATTACK {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Counts an email to an address that a stranger may have caused. `Err`: it gets enough of them, for so long.
pub async fn count_mail(
    app: &App,
    tx: &mut Tx,
    mails: Mails,
    recipient: &EmailKey,
) -> Result<Result<(), Duration>> {
    let all = [Subject::MailHourly(mails, recipient), Subject::MailDaily(mails, recipient)];
    count_all(app, tx, &all).await
}

/// Forgets the emails that someone else caused: their recipient has said so.
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
    for counter in subject.counters(app) {
        throttles::delete(tx, &counter.id).await?;
    }
    Ok(())
}

/// Takes one try back that has turned out to be a success.
pub async fn take_back(app: &App, tx: &mut Tx, subject: Subject<'_>) -> Result<()> {
    for counter in subject.counters(app) {
        throttles::take_back(tx, &counter.id, app.clock.now()).await?;
    }
    Ok(())
}

/// Whose forms are counted in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sender {
    Network(IpNet),
    /// The browsers that an account knows: what others in their network send does not hold them back. Counted by account, since its
    /// owner can have any number of them; over that they count like anyone in their network.
    Account(UserId),
}

/// Counts forms in memory: costs no query, and forgets with the process. Memory is bounded, and so are the forms of all whom it
/// has no place for: they share some counts, by a hash that no one can foresee.
#[derive(Debug, Default)]
pub struct LocalThrottle(Mutex<LocalCounts>);

#[derive(Debug, Default)]
struct LocalCounts {
    counts: HashMap<Sender, Count>,
    shared: HashMap<(u8, u64), Count>,
    cleaned_at: Option<Timestamp>,
}

impl LocalThrottle {
    /// Counts a form. `device`: the browser's device cookie. `Err`: how long to wait.
    pub fn count(
        &self,
        source: &Source,
        device: Option<&Device>,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.make_room(now);
        // What a browser's accounts allow comes on top of what its network does: a thief who is in an account, or neighbours in the
        // network, use up the one or the other, and not both.
        if let Some(user) = device.and_then(Device::latest)
            && counts.count(vec![(Sender::Account(user), FORMS)], now).is_ok()
        {
            return Ok(());
        }
        let networks = source.networks().into_iter();
        let networks = networks.map(|it| (Sender::Network(it.network), FORMS.shared(it.percent)));
        counts.count(networks.collect(), now)
    }
}

impl LocalCounts {
    /// Counts in all of these or, where one refuses, in none.
    fn count(&mut self, senders: Vec<(Sender, Rule)>, now: Timestamp) -> Result<(), Duration> {
        let mut counted = Vec::with_capacity(senders.len());
        for (sender, rule) in senders {
            counted.push((sender, rule.count(self.get(&sender), now)?));
        }
        for (sender, next) in counted {
            self.set(sender, next);
        }
        Ok(())
    }

    /// Removes what says nothing any more, at most once a second, however many networks knock.
    fn make_room(&mut self, now: Timestamp) {
        if self.counts.len() >= LOCAL_COUNTS && self.cleaned_at != Some(now) {
            self.cleaned_at = Some(now);
            self.counts.retain(|_, count| now < FORMS.forgotten_at(*count));
        }
    }

    /// The count that it shares with others whose allowance is the same.
    fn place(&self, sender: &Sender) -> (u8, u64) {
        let width = match sender {
            Sender::Network(network) => network.prefix_len(),
            Sender::Account(_) => 0,
        };
        (width, self.counts.hasher().hash_one(sender) % LOCAL_SHARED as u64)
    }

    fn get(&self, sender: &Sender) -> Option<Count> {
        let own = self.counts.get(sender);
        if own.is_some() || self.counts.len() < LOCAL_COUNTS {
            return own.copied();
        }
        self.shared.get(&self.place(sender)).copied()
    }

    fn set(&mut self, sender: Sender, next: Count) {
        if self.counts.len() < LOCAL_COUNTS || self.counts.contains_key(&sender) {
            self.counts.insert(sender, next);
        } else {
            self.shared.insert(self.place(&sender), next);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    fn source(address: impl Into<IpAddr>) -> Source {
        Source::new(address.into(), "", String::new())
    }

    #[test]
    fn forms_are_limited_per_network_and_memory_is_bounded() {
        let throttle = LocalThrottle::default();
        let from = |n: u32| source(IpAddr::V4(n.into()));
        for _ in 0..240 {
            assert!(throttle.count(&from(1), None, NOW).is_ok());
        }
        assert!(throttle.count(&from(1), None, NOW).is_err());
        assert!(throttle.count(&from(2), None, NOW).is_ok());
        assert!(throttle.count(&from(1), None, NOW.after(MINUTE)).is_ok());
        for n in 10..30_000 {
            throttle.count(&from(n), None, NOW).unwrap();
        }
        let counts = throttle.0.lock().unwrap();
        assert!(counts.counts.len() <= LOCAL_COUNTS && counts.shared.len() <= 6 * LOCAL_SHARED);
    }

    #[test]
    fn more_networks_than_memory_holds_are_limited_together() {
        let throttle = LocalThrottle::default();
        let from = |n: u32| source(IpAddr::V4((n << 8).into())); // a /24 each
        let passed = (0..400_000).filter(|n| throttle.count(&from(*n), None, NOW).is_ok()).count();
        assert!(passed <= LOCAL_COUNTS + LOCAL_SHARED * 240, "{passed}");
        // A sender with a place of its own goes on.
        assert!(throttle.count(&from(0), None, NOW).is_ok());
        assert!(throttle.count(&from(400_001), None, NOW.after(MINUTE)).is_ok());
    }

    #[test]
    fn whoever_is_in_an_account_does_not_hold_back_its_owner_elsewhere() {
        let throttle = LocalThrottle::default();
        let device = Device::new(NOW).with(UserId::new(NOW), 0);
        let (thief, owner) = (source([192, 0, 2, 1]), source([198, 51, 100, 1]));
        let sent = (0..1_000).filter(|_| throttle.count(&thief, Some(&device), NOW).is_ok());
        assert_eq!(sent.count(), 480, "what the account allows, and what the network does");
        for _ in 0..240 {
            assert!(throttle.count(&owner, Some(&device), NOW).is_ok());
        }
    }

    #[test]
    fn a_browser_that_an_account_knows_is_not_held_back_by_its_network() {
        let throttle = LocalThrottle::default();
        let here = source([192, 0, 2, 7]);
        while throttle.count(&here, None, NOW).is_ok() {}
        let device = Device::new(NOW).with(UserId::new(NOW), 0);
        assert!(throttle.count(&here, Some(&Device::new(NOW)), NOW).is_err(), "it knows nobody");
        for _ in 0..240 {
            assert!(throttle.count(&here, Some(&device), NOW).is_ok());
        }
        assert!(throttle.count(&here, Some(&device), NOW).is_err());
    }

    proptest! {
        #[test]
        fn whatever_addresses_one_site_uses_its_allowance_holds(
            addresses in prop::collection::vec(any::<u128>(), 1..1_500),
            few in any::<bool>(),
        ) {
            let throttle = LocalThrottle::default();
            let site = 0x2001_0db8_0001_u128 << 80;
            let mut passed = HashMap::<IpNet, usize>::new();
            for address in addresses {
                let address = if few { address % (1 << 66) } else { address % (1 << 80) };
                let source = source(IpAddr::V6((site | address).into()));
                if throttle.count(&source, None, NOW).is_ok() {
                    for shared in source.networks() {
                        *passed.entry(shared.network).or_default() += 1;
                    }
                }
            }
            for (network, passed) in passed {
                let most = match network.prefix_len() { 64 => 240, 56 => 300, _ => 960 };
                prop_assert!(passed <= most, "{network}: {passed}");
            }
        }
    }
}
