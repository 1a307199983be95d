//! Queues emails in the transaction of the request that causes them, so that both are stored or neither is.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::user::User;
use crate::domain::email::mail_kind::{Budget, Destination, MailKind};
use crate::domain::email::mail_state::MailState;
use crate::domain::email::one_time_token::Purpose;
use crate::domain::email::turn;
use crate::domain::id::{MailId, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::repositories::mail_readers::{self, MailReader};
use crate::repositories::outbox::{self, EmailTurn, NewMail};
use crate::repositories::outbox_list;
use crate::repositories::user_roles::AdministratorContact;
use crate::services::throttle::{self, Subject};

/// The recipient of an email.
#[derive(Clone, Copy, Debug)]
pub enum Recipient<'a> {
    /// An address of this account: its current one, or a former or future one.
    Account(UserId, &'a str),
    /// An address alone. If it has an account, the email is written for its owner; if not, the worker drops most kinds of email.
    Address(&'a EmailKey),
    /// The owner of an account that the same transaction deletes afterwards. The email outlives the account.
    Leaving(&'a User),
    /// The person that an invitation is for.
    Invited {
        /// Their address.
        address: &'a EmailAddress,
        /// The language of the invitation.
        language: &'a str,
        /// The name of the administrator who invites them, if known.
        inviter: Option<&'a str>,
    },
}

/// Queues an email. `detail`: a further fact for its text; never a secret.
pub async fn put(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    to: Recipient<'_>,
    detail: Option<&str>,
    source: &Source,
) -> Result<()> {
    let mail = new_mail(app, tx, kind, to, detail, source).await?;
    put_and_wake(app, tx, &mail, mail.due_at).await
}

/// Queues an email with a code to the owner of an account. Returns its ID, from which the code is computed.
pub async fn put_code(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    user: &User,
    source: &Source,
) -> Result<MailId> {
    let to = Recipient::Account(user.id, user.email.as_str());
    let mail = new_mail(app, tx, kind, to, None, source).await?;
    put_and_wake(app, tx, &mail, mail.due_at).await?;
    Ok(mail.id)
}

/// Queues an email to the owner of an account.
pub async fn notify(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    user: &User,
    detail: Option<&str>,
    source: &Source,
) -> Result<()> {
    let to = Recipient::Account(user.id, user.email.as_str());
    put(app, tx, kind, to, detail, source).await
}

/// The email with which the owner of this address confirms it.
#[must_use]
pub fn confirmation_of(user: &User) -> MailKind {
    if user.is_pending() { MailKind::VerifyEmail } else { MailKind::VerifyAccountEmail }
}

/// Does the work of [`put`] without sending anything, so that the response takes equally long with or without an email.
pub async fn put_and_delete(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    to: Recipient<'_>,
    source: &Source,
) -> Result<()> {
    let mail = new_mail(app, tx, kind, to, None, source).await?;
    outbox::put(tx, &mail, mail.due_at).await?;
    Ok(outbox::delete(tx, mail.id).await?)
}

/// Queues an email whose text is current at the first attempt to send it. Does nothing if one is waiting for that. One that could not be sent then
/// is replaced, because its text stays as it is. Two emails are at least `pause` apart.
pub async fn remind(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    to: &AdministratorContact,
    pause: Duration,
    source: &Source,
) -> Result<()> {
    let now = app.clock.now();
    let latest = outbox_list::latest_of(&mut *tx, to.id, kind).await?;
    // A leased email may already be rendered, without the latest change.
    let waiting = latest.as_ref().filter(|it| it.state == MailState::Waiting && it.lease.is_none());
    match waiting {
        Some(tried) if tried.detail.is_some() => outbox::delete(tx, tried.id).await?,
        Some(_) => return Ok(()),
        None => {}
    }
    // At most one pause from now, even if the clock was set back since the last email.
    let due_at = latest.map_or(now, |it| it.due_at.after(pause).clamp(now, now.after(pause)));
    let (id, recipient) = (MailId::new(now), to.email.as_str());
    let user_id = Some(to.id);
    let reader = reader(app, tx, Recipient::Account(to.id, recipient)).await?;
    let (detail, turn) = (None, None);
    let mail = NewMail { id, kind, user_id, recipient, reader, detail, source, due_at, turn };
    put_and_wake(app, tx, &mail, now).await
}

async fn new_mail<'a>(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    to: Recipient<'a>,
    detail: Option<&'a str>,
    source: &'a Source,
) -> Result<NewMail<'a>> {
    let now = app.clock.now();
    let (user_id, recipient) = match to {
        Recipient::Account(user, address) => (Some(user), address),
        Recipient::Address(address) => (None, address.as_str()),
        Recipient::Leaving(user) => (None, user.email.as_str()),
        Recipient::Invited { address, .. } => (None, address.as_str()),
    };
    let reader = reader(app, tx, to).await?;
    let turn = turn_of(app, tx, kind, recipient, source).await?;
    Ok(NewMail {
        id: MailId::new(now),
        kind,
        user_id,
        recipient,
        reader,
        detail,
        source,
        due_at: now,
        turn,
    })
}

/// How the recipient reads emails at present. A language or a time zone that is not set is that of the configuration.
async fn reader(app: &App, tx: &mut Tx, to: Recipient<'_>) -> Result<MailReader> {
    let known = match to {
        Recipient::Account(user, address) => {
            let key = EmailAddress::parse(address).ok().map(|it| it.key());
            mail_readers::of_account(tx, user, key.as_ref()).await?
        }
        Recipient::Leaving(user) => {
            mail_readers::of_account(tx, user.id, Some(&user.email_key)).await?
        }
        Recipient::Address(address) => mail_readers::of_address(tx, address).await?,
        Recipient::Invited { language, inviter, .. } => Some(MailReader {
            language: Some(language.to_owned()),
            inviter: inviter.map(ToOwned::to_owned),
            ..MailReader::default()
        }),
    };
    let MailReader { language, time_zone, greeted, inviter } = known.unwrap_or_default();
    let config = &app.config;
    Ok(MailReader {
        language: language.or_else(|| Some(config.default_language.clone())),
        time_zone: time_zone.or_else(|| Some(config.default_time_zone.name().to_owned())),
        greeted,
        inviter,
    })
}

async fn turn_of(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    recipient: &str,
    source: &Source,
) -> Result<Option<EmailTurn>> {
    let (flow, is_warning) = match kind.facts().budget {
        Budget::Exempt => return Ok(None),
        Budget::OfNetwork => (source.widest_network().to_string(), false),
        Budget::OfOwner => match throttle::count(app, tx, Subject::OwnNotices(recipient)).await? {
            Ok(()) => return Ok(None),
            Err(_) => (recipient.to_owned(), true),
        },
        Budget::OfAccount => (recipient.to_owned(), true),
    };
    let first = outbox::first_turn(tx).await?;
    let last = outbox::last_turn(tx, &flow).await?;
    Ok(Some(EmailTurn { turn: turn::next(first, last, is_warning), flow }))
}

/// Adds the email, and wakes the worker once the transaction is committed.
async fn put_and_wake(app: &App, tx: &mut Tx, mail: &NewMail<'_>, now: Timestamp) -> Result<()> {
    outbox::put(tx, mail, now).await?;
    let bell = Arc::clone(&app.outbox_bell);
    tx.after_commit(move || bell.notify_one());
    Ok(())
}

/// Cancels the waiting emails of one kind to a user.
pub async fn cancel(tx: &mut Tx, user: UserId, kind: MailKind, now: Timestamp) -> Result<()> {
    Ok(outbox::cancel(tx, user, kind, now).await?)
}

/// Cancels the waiting emails with links that could change the account. 'This was not me' links only protect it, so they are kept.
pub async fn cancel_links(tx: &mut Tx, user: &User, now: Timestamp) -> Result<()> {
    for kind in MailKind::ALL {
        let Destination::OneTime(purpose) = kind.facts().link else { continue };
        if purpose != Purpose::NotMe {
            outbox::cancel_to(tx, user.id, user.email_key.as_str(), *kind, now).await?;
        }
    }
    Ok(())
}

/// Deletes the emails of a sign-up before the sign-up is deleted. Emails with only its address are kept: another visitor may have caused
/// them.
pub async fn delete_of(tx: &mut Tx, user: UserId) -> Result<()> {
    Ok(outbox::delete_of(tx, user).await?)
}

/// Deletes every email of an account before the account is deleted, including those with only its current or a former address.
pub async fn delete_all(tx: &mut Tx, user: &User) -> Result<()> {
    outbox::delete_to(tx, user.id, user.email_key.as_str()).await?;
    Ok(outbox::delete_of(tx, user.id).await?)
}
