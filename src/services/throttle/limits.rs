//! The rate limits in the database, and the reasons for their numbers.

use std::time::Duration;

use crate::domain::sign_in::limit::Limit;

pub(super) const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Sign-ins to one account, counted separately for each network, each browser that the account knows, and each session that asks for
/// the password again.
pub(super) const SIGN_IN: Limit = Limit::Growing {
    free: 5,
    first: Duration::from_secs(1),
    longest: Duration::from_mins(15),
    forget: DAY,
};
/// Sign-ins from one network while the account is under attack. The first attempt from a network is always checked, so that the
/// owner's right password works in a new browser. A botnet gets about 30 attempts a day for each of its networks. That is too few
/// for any password that the policy accepts.
pub(super) const SIGN_IN_ATTACKED: Limit =
    Limit::Growing { free: 2, first: MINUTE, longest: HOUR, forget: DAY };
/// More wrong passwords than this in a day, from browsers that the account does not know, count as an attack.
pub(super) const ATTACK: i64 = 50;
/// Counts wrong passwords for [`ATTACK`] and refuses none.
pub(super) const SIGN_IN_ACCOUNT: Limit = Limit::Window { limit: i64::MAX, per: DAY };
/// How often the owner gets an email about an attack.
pub(super) const PASSWORDS_REFUSED_MAIL: Limit = Limit::Window { limit: 1, per: DAY };
/// Wrong passwords from one network, for any accounts.
pub(super) const SIGN_IN_NETWORK: Limit = Limit::Growing {
    free: 30,
    first: Duration::from_secs(1),
    longest: Duration::from_mins(5),
    forget: HOUR,
};
/// Two-factor codes from one browser that the account knows, in one session, or with an emailed link.
pub(super) const CODE: Limit = Limit::Growing {
    free: 5,
    first: Duration::from_secs(2),
    longest: Duration::from_mins(15),
    forget: DAY,
};
/// Two-factor codes from one network.
pub(super) const CODE_NETWORK: Limit =
    Limit::Growing { free: 5, first: Duration::from_secs(2), longest: HOUR, forget: DAY };
/// Codes of an authenticator app for one account, from all browsers that it does not know. Three of a million codes are valid at
/// any time. A stranger who knows the password and has any number of networks guesses one with a probability of 0.03 % a day, and the
/// owner gets an email after five codes. Recovery codes (120 bits) are not counted here.
///
/// One network can try about 40 codes a day. Only a stranger who knows the password and has several networks can reach this limit and
/// make new browsers wait. Even then, known browsers, recovery codes and a reset link still work.
pub(super) const CODE_ACCOUNT: Limit = Limit::Window { limit: 100, per: DAY };
/// Wrong codes from browsers that the account does not know. One more causes an email to the owner.
pub(super) const REFUSED_CODES: Limit = Limit::Window { limit: 4, per: DAY };
/// How often the owner gets an email about wrong codes.
pub(super) const REFUSED_CODES_MAIL: Limit = Limit::Window { limit: 1, per: DAY };
/// Emails about sign-ins with one kind of browser or program from one network. A program that signs in every minute does not fill
/// the mailbox, and does not prevent a warning about a thief.
pub(super) const NEW_SIGN_IN_MAIL: Limit = Limit::Window { limit: 3, per: DAY };
/// Emails about sign-ins from one network with any kind of browser, which limits emails caused by invented browser names.
pub(super) const NEW_SIGN_IN_NETWORK_MAIL: Limit = Limit::Window { limit: 10, per: DAY };
/// Notices to an owner that are exempt from `EMAILS_PER_MINUTE`. A signed-in user could cause any number of them.
pub(super) const OWN_NOTICES: Limit = Limit::Window { limit: 10, per: HOUR };
/// Confirmation codes emailed to one account.
pub(super) const EMAILED_CODE_HOURLY: Limit = Limit::Window { limit: 5, per: HOUR };
/// The same per day. Each code has five tries, so an intruder in a session gets 100 tries a day at one of 100,000,000 codes, and guesses
/// one with a probability of 0.0001 % a day, or 0.04 % a year. The owner gets an email with each code.
pub(super) const EMAILED_CODE_DAILY: Limit = Limit::Window { limit: 20, per: DAY };
/// Email changes requested for one account.
pub(super) const EMAIL_CHANGE: Limit = Limit::Window { limit: 5, per: HOUR };
/// Downloads of one user's personal data.
pub(super) const EXPORT: Limit = Limit::Window { limit: 10, per: HOUR };
/// Sign-ups from one network. Every sign-up causes an email, so this also limits the emails that a network can cause.
pub(super) const REGISTER_NETWORK: Limit = Limit::Window { limit: 20, per: HOUR };
/// Reset links requested from one network, for addresses with or without an account. Beyond this limit, emails are queued only for
/// addresses with an account.
pub(super) const FORGOT_NETWORK: Limit = Limit::Window { limit: 20, per: HOUR };
/// Emails to one address that a stranger can cause.
pub(super) const MAIL_HOURLY: Limit = Limit::Window { limit: 3, per: HOUR };
pub(super) const MAIL_DAILY: Limit = Limit::Window { limit: 10, per: DAY };
/// Email changes requested from one network.
pub(super) const EMAIL_CHANGE_NETWORK: Limit = Limit::Window { limit: 20, per: HOUR };
/// Return addresses saved for one network, because they are too long for URLs: at most 1 MiB in an hour.
pub(super) const LONG_ADDRESS_NETWORK: Limit = Limit::Window { limit: 120, per: HOUR };
/// New passwords checked for one network or one account. This check is the most expensive work that a stranger can cause.
pub(super) const CHOOSE: Limit = Limit::Window { limit: 60, per: HOUR };
