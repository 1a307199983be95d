//! The subjects of rate limits: who or what is counted, in which rows and with which limit.

use uuid::Uuid;

use super::limits;
use crate::app::App;
use crate::domain::account::email::EmailKey;
use crate::domain::account::user::User;
use crate::domain::id::{SessionId, UserId};
use crate::domain::sign_in::device::Device;
use crate::domain::sign_in::known_browser::is_known;
use crate::domain::sign_in::limit::{Limit, reset_spacing};
use crate::domain::source::Source;
use crate::domain::user_agent::UserAgent;

/// The causes of emails that a stranger can trigger. Each is counted separately, so sign-ups do not use up the limit that an owner
/// needs to change the address.
#[derive(Clone, Copy, Debug)]
pub enum Mails {
    /// Sign-ups with the address, and sign-ins to an unconfirmed sign-up.
    SignUp,
    /// Confirmation links for an account in use, whose owner has signed in or entered the password. They are counted by account, so
    /// other people's sign-ups, addresses and networks do not use up the limit.
    Confirmation,
    /// Email changes to the address, requested by any account.
    EmailChange,
}

impl Mails {
    /// The key under which emails to an address are counted: the mailbox or the account. Other accounts with the same mailbox must not
    /// use up an account's confirmation links.
    fn counted_by(self, email: &EmailKey) -> String {
        match self {
            Self::SignUp | Self::EmailChange => email.mailbox(),
            Self::Confirmation => email.as_str().to_owned(),
        }
    }
}

/// Who sent a password or a code, and so whose attempts are counted. Only strangers are limited by the attempts of others.
#[derive(Clone, Copy, Debug)]
pub enum Requester<'a> {
    /// A browser that the account knows with its current credentials.
    Device(Uuid),
    /// A session of the account.
    Session(SessionId),
    /// A visitor with a link emailed to the account.
    Mailbox,
    /// Anyone else, by network.
    Stranger(&'a Source),
}

impl<'a> Requester<'a> {
    /// A browser that the account knows, or else `other`.
    #[must_use]
    pub fn known_or(user: Option<&User>, device: Option<&Device>, other: Requester<'a>) -> Self {
        match (user, device) {
            (Some(user), Some(device)) if is_known(user, Some(device)) => Self::Device(device.id()),
            _ => other,
        }
    }
}

/// What a rate limit counts.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Sign-ins to the account with this address, which may not exist.
    SignIn(&'a EmailKey, Requester<'a>),
    /// Sign-ins while the account is under attack.
    SignInAttacked(&'a EmailKey, Requester<'a>),
    /// Sign-ins to the account from any browsers that it does not know.
    SignInAccount(&'a EmailKey),
    /// Emails that warn the owner about wrong passwords.
    PasswordsRefusedMail(&'a EmailKey),
    /// Sign-ins from a network.
    SignInNetwork(&'a Source),
    /// Codes of an authenticator app.
    Code(UserId, Requester<'a>),
    /// Codes of an authenticator app from any browsers that the account does not know.
    CodeAccount(UserId),
    /// Recovery codes.
    RecoveryCode(UserId, Requester<'a>),
    /// Wrong codes from browsers that the account does not know.
    RefusedCodes(UserId),
    /// Emails that warn the owner about wrong codes.
    RefusedCodesMail(UserId),
    /// Emails about a sign-in from an unknown browser, by kind of browser and network.
    NewSignInMail(UserId, &'a Source),
    /// Emails about sign-ins from unknown browsers, by network.
    NewSignInNetworkMail(UserId, &'a Source),
    /// Emails to this address about actions in its account.
    OwnNotices(&'a str),
    /// Confirmation codes emailed to an account, per hour.
    EmailedCodeHourly(UserId),
    /// Confirmation codes emailed to an account, per day.
    EmailedCodeDaily(UserId),
    /// Email changes requested for an account.
    EmailChange(UserId),
    /// Downloads of a user's personal data.
    Export(UserId),
    /// Sign-ups from a network.
    RegisterNetwork(&'a Source),
    /// Reset links requested from a network.
    ForgotNetwork(&'a Source),
    /// Reset emails to the account with this address, which may not exist.
    ResetMail(&'a EmailKey),
    /// Long return addresses saved for a network.
    LongAddressNetwork(&'a Source),
    /// New passwords checked for a network.
    ChooseNetwork(&'a Source),
    /// New passwords checked for an account.
    ChooseUser(UserId),
    /// Emails with one cause to an address, per hour.
    MailHourly(Mails, &'a EmailKey),
    /// Emails with one cause to an address, per day.
    MailDaily(Mails, &'a EmailKey),
    /// Email changes requested from a network.
    EmailChangeNetwork(&'a Source),
    /// All emails of the installation that strangers can cause.
    Emails,
}

/// A row of the table `throttles` and its limit.
pub(super) struct Counter {
    pub(super) id: [u8; 32],
    pub(super) limit: Limit,
}

impl<'a> Subject<'a> {
    fn limit(self, app: &App) -> Limit {
        match self {
            Self::SignIn(..) => limits::SIGN_IN,
            Self::SignInAttacked(..) => limits::SIGN_IN_ATTACKED,
            Self::SignInAccount(_) => limits::SIGN_IN_ACCOUNT,
            Self::PasswordsRefusedMail(_) => limits::PASSWORDS_REFUSED_MAIL,
            Self::SignInNetwork(_) => limits::SIGN_IN_NETWORK,
            Self::Code(_, Requester::Stranger(_))
            | Self::RecoveryCode(_, Requester::Stranger(_)) => limits::CODE_NETWORK,
            Self::Code(..) | Self::RecoveryCode(..) => limits::CODE,
            Self::CodeAccount(_) => limits::CODE_ACCOUNT,
            Self::RefusedCodes(_) => limits::REFUSED_CODES,
            Self::RefusedCodesMail(_) => limits::REFUSED_CODES_MAIL,
            Self::NewSignInMail(..) => limits::NEW_SIGN_IN_MAIL,
            Self::NewSignInNetworkMail(..) => limits::NEW_SIGN_IN_NETWORK_MAIL,
            Self::OwnNotices(_) => limits::OWN_NOTICES,
            Self::EmailedCodeHourly(_) => limits::EMAILED_CODE_HOURLY,
            Self::EmailedCodeDaily(_) => limits::EMAILED_CODE_DAILY,
            Self::EmailChange(_) => limits::EMAIL_CHANGE,
            Self::Export(_) => limits::EXPORT,
            Self::RegisterNetwork(_) => limits::REGISTER_NETWORK,
            Self::ForgotNetwork(_) => limits::FORGOT_NETWORK,
            Self::ResetMail(_) => {
                let per = reset_spacing(app.config.lifetimes.reset_token);
                Limit::Window { limit: 1, per }
            }
            Self::LongAddressNetwork(_) => limits::LONG_ADDRESS_NETWORK,
            Self::ChooseNetwork(_) | Self::ChooseUser(_) => limits::CHOOSE,
            Self::MailHourly(..) => limits::MAIL_HOURLY,
            Self::MailDaily(..) => limits::MAIL_DAILY,
            Self::EmailChangeNetwork(_) => limits::EMAIL_CHANGE_NETWORK,
            Self::Emails => {
                Limit::Window { limit: app.config.emails_per_minute, per: limits::MINUTE }
            }
        }
    }

    /// The name, and the client if the subject is counted by network.
    fn name(self) -> (String, Option<&'a Source>) {
        let of = |name: String, requester: Requester<'a>| match requester {
            Requester::Device(device) => (format!("{name} device {device}"), None),
            Requester::Session(session) => (format!("{name} session {session}"), None),
            Requester::Mailbox => (format!("{name} mailbox"), None),
            Requester::Stranger(source) => (name, Some(source)),
        };
        match self {
            Self::SignIn(email, requester) | Self::SignInAttacked(email, requester) => {
                of(format!("sign-in {}", email.as_str()), requester)
            }
            Self::SignInAccount(email) => (format!("sign-in-account {}", email.as_str()), None),
            Self::PasswordsRefusedMail(email) => {
                (format!("passwords-refused-mail {}", email.as_str()), None)
            }
            Self::SignInNetwork(source) => ("sign-in-network".into(), Some(source)),
            Self::Code(user, requester) => of(format!("code {user}"), requester),
            Self::CodeAccount(user) => (format!("code-account {user}"), None),
            Self::RecoveryCode(user, requester) => of(format!("recovery-code {user}"), requester),
            Self::RefusedCodes(user) => (format!("refused-codes {user}"), None),
            Self::RefusedCodesMail(user) => (format!("refused-codes-mail {user}"), None),
            // Only the narrowest network, so that a thief in a neighbouring network is reported.
            Self::NewSignInMail(user, source) => {
                let UserAgent { browser, system } = UserAgent::parse(&source.user_agent);
                let (browser, system) = (browser.unwrap_or("-"), system.unwrap_or("-"));
                let network = source.network();
                (format!("new-sign-in-mail {user} {network} {browser} on {system}"), None)
            }
            Self::NewSignInNetworkMail(user, source) => {
                (format!("new-sign-in-network-mail {user} {}", source.network()), None)
            }
            Self::OwnNotices(recipient) => (format!("own-notices {recipient}"), None),
            Self::EmailedCodeHourly(user) => (format!("emailed-code-hourly {user}"), None),
            Self::EmailedCodeDaily(user) => (format!("emailed-code-daily {user}"), None),
            Self::EmailChange(user) => (format!("email-change {user}"), None),
            Self::Export(user) => (format!("export {user}"), None),
            Self::RegisterNetwork(source) => ("register".into(), Some(source)),
            Self::ForgotNetwork(source) => ("forgot".into(), Some(source)),
            Self::ResetMail(email) => (format!("reset-mail {}", email.as_str()), None),
            Self::LongAddressNetwork(source) => ("long-address".into(), Some(source)),
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

    /// The rows to count in: one, or one for each network of the client, widest first. All requests lock rows in this order, so that
    /// they cannot deadlock.
    pub(super) fn counters(self, app: &App) -> Vec<Counter> {
        let limit = self.limit(app);
        let counter =
            |name: &str, limit| Counter { id: app.secrets.throttle.tag(name.as_bytes()), limit };
        match self.name() {
            (name, None) => vec![counter(&name, limit)],
            (name, Some(source)) => {
                let networks = source.networks().into_iter().rev();
                let counters = networks.map(|shared| {
                    counter(&format!("{name} {}", shared.network), limit.shared(shared.percent))
                });
                counters.collect()
            }
        }
    }
}
