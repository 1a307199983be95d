//! Mails: asked for in the transaction of what causes them, drawn and delivered by the worker.

use std::sync::atomic::Ordering;
use std::time::Duration;

use lettre::Address;

use crate::app::App;
use crate::clock::{Clock, Timestamp, in_words};
use crate::config::Config;
use crate::db::{Db, Tx};
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::invitation::Standing;
use crate::domain::account::role::Role;
use crate::domain::account::user::User;
use crate::domain::email::mail_kind::{Budget, MailKind};
use crate::domain::email::one_time_token::{
    CONFIRM_EMAIL_TTL, Grant, HANDED_RESET_TTL, NOT_ME_TTL, OneTimeToken, Purpose, VERIFY_EMAIL_TTL,
};
use crate::domain::email::turn;
use crate::domain::id::{self, InvitationId, MailId, UserId};
use crate::domain::source::Source;
use crate::error::Result;
use crate::mail::message::{self, Content};
use crate::mail::{DeliveryError, Mail};
use crate::repositories::outbox::{self, NewMail, QueuedMail, Turn};
pub use crate::repositories::outbox::{Held, MailState, OutboxEntry};
use crate::repositories::user_roles::Administrator;
use crate::repositories::users::Waiting;
use crate::repositories::{invitations, one_time_tokens, user_roles, users};
use crate::secret::{self, Secret};
use crate::services::throttle::{self, Mails, Subject};
use crate::transaction;

/// What the addresses of a mail server that do not answer may take, on top of what `MAIL_TIMEOUT` gives to the one that does.
const DETOURS: Duration = Duration::from_secs(40);
/// How much longer nobody else touches a mail than a try at it may take.
const MARGIN: Duration = Duration::from_secs(20);
/// Pauses after a failure that is about one mail: the first, doubled with each further one, up to the second.
const MAIL_PAUSES: [Duration; 2] = [Duration::from_secs(30), Duration::from_hours(1)];
/// Pauses after a failure that is about every mail: short, since somebody who sits before 'check your mail' is waiting.
const BLOCKED_PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_mins(2)];
/// The longest pause that another side may ask for.
const LONGEST_REQUEST: Duration = Duration::from_hours(1);
/// How often the log says that mails have to wait for their turn.
const ALARM_EVERY: Duration = Duration::from_hours(1);
/// After this long a mail is given up.
const GIVE_UP_AFTER: Duration = Duration::from_hours(24);

/// Asks for a mail. `detail`: what it speaks of, if kind and account do not say it all; never a secret. Ring `app.outbox_bell`
/// once the transaction has been committed.
pub async fn put(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    user_id: Option<UserId>,
    recipient: &str,
    detail: Option<&str>,
    source: &Source,
) -> Result<()> {
    put_one(app, tx, kind, user_id, recipient, detail, source).await?;
    Ok(())
}

/// The same work, of which nothing is left.
pub async fn put_and_delete(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    recipient: &str,
    source: &Source,
) -> Result<()> {
    let id = put_one(app, tx, kind, None, recipient, None, source).await?;
    Ok(outbox::delete(tx, id).await?)
}

async fn put_one(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    user_id: Option<UserId>,
    recipient: &str,
    detail: Option<&str>,
    source: &Source,
) -> Result<MailId> {
    let now = app.clock.now();
    let budget = match kind.budget() {
        Budget::OfOwner => match throttle::count(app, tx, Subject::OwnNotices(recipient)).await? {
            Ok(()) => Budget::Exempt,
            Err(_) => Budget::OfAccount,
        },
        other => other,
    };
    let id = MailId::new(now);
    let flow = match budget {
        Budget::Exempt | Budget::OfOwner => None,
        Budget::OfNetwork => Some(source.widest_network().to_string()),
        Budget::OfAccount => Some(recipient.to_owned()),
    };
    let turn = match flow {
        None => None,
        Some(flow) => {
            let (present, last) =
                (outbox::first_turn(tx).await?, outbox::last_turn(tx, &flow).await?);
            Some(Turn { turn: turn::next(present, last, budget == Budget::OfAccount), flow })
        }
    };
    let mail = NewMail { id, kind, user_id, recipient, detail, source, due_at: now, turn };
    outbox::put(tx, &mail, now).await?;
    Ok(id)
}

/// Asks for a mail to the owner of an account, about it.
pub async fn notify(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    user: &User,
    detail: Option<&str>,
    source: &Source,
) -> Result<()> {
    put(app, tx, kind, Some(user.id), user.email.as_str(), detail, source).await
}

/// Asks for a mail that speaks of how things stand when it leaves: none while one waits already, and none within `pause` of the last.
pub async fn remind(
    app: &App,
    tx: &mut Tx,
    kind: MailKind,
    to: &Administrator,
    pause: Duration,
    source: &Source,
) -> Result<()> {
    let now = app.clock.now();
    let latest = outbox::latest_of(tx, to.id, kind).await?;
    // One that a worker has in hand may have been drawn before what happens now.
    if latest.as_ref().is_some_and(|it| it.state == MailState::Waiting && it.lease.is_none()) {
        return Ok(());
    }
    // Within the pause also where the clock was set back since.
    let due_at = latest.map_or(now, |it| it.due_at.after(pause).clamp(now, now.after(pause)));
    let (id, recipient) = (MailId::new(now), to.email.as_str());
    let user_id = Some(to.id);
    let mail = NewMail { id, kind, user_id, recipient, detail: None, source, due_at, turn: None };
    Ok(outbox::put(tx, &mail, now).await?)
}

/// Frees the mails that a worker took on before the process was killed. Only where no other process delivers.
pub async fn take_over(app: &App) -> Result<()> {
    Ok(transaction!(app.db, |tx| { outbox::release_all(tx).await })?)
}

/// Forgets the mails of a sign-up that is about to go. Mails asked for by address alone stay: they may be somebody else's.
pub async fn delete_of(tx: &mut Tx, user: UserId) -> Result<()> {
    Ok(outbox::delete_of(tx, user).await?)
}

/// Forgets every mail of an account that is about to go, those asked for by its address, or one before it, included.
pub async fn delete_all(tx: &mut Tx, user: &User) -> Result<()> {
    outbox::delete_to(tx, user.id, user.email_key.as_str()).await?;
    Ok(outbox::delete_of(tx, user.id).await?)
}

/// Stops the mails with links that are still to go to this account: what they would open is being closed.
pub async fn cancel_links(tx: &mut Tx, user: &User, now: Timestamp) -> Result<()> {
    Ok(outbox::cancel_links(tx, user.id, user.email_key.as_str(), now).await?)
}

/// Stops the mail to a new address that another is about to take the place of.
pub async fn cancel(tx: &mut Tx, user: UserId, kind: MailKind, now: Timestamp) -> Result<()> {
    Ok(outbox::cancel(tx, user, kind, now).await?)
}

/// What became of the mail that had waited longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// There was none.
    None,
    /// It was handed over, put back or given up.
    One,
    /// None but those that strangers caused, and as many of them as may be (`EMAILS_PER_MINUTE`) were sent in this minute. They go
    /// on after so long.
    Held(Duration),
    /// It was put back because no mail can leave. It is due at once, so that it leaves as soon as any can; but that is worth trying
    /// only after so long.
    Blocked(Duration),
}

/// Delivers the mail that has waited longest, if one is due.
pub async fn deliver_next(app: &App) -> Result<Delivered> {
    let queued = match claim(app).await? {
        Claim::Mail(queued) => queued,
        Claim::Nothing => return Ok(Delivered::None),
        Claim::Held(wait) => {
            raise_alarm(app).await?;
            return Ok(Delivered::Held(wait));
        }
    };

    let tried = match prepare(app, &queued).await {
        Ok(Some(mail)) => {
            let tried = tokio::time::timeout(longest_try(app), app.mail.deliver(&mail)).await;
            tried.unwrap_or_else(|_| Err(DeliveryError::blocked("the mail server took too long")))
        }
        Ok(None) => return Ok(Delivered::One),
        Err(error) if error.is_passing() => return Err(error),
        Err(error) => Err(DeliveryError::Final(error.to_string())),
    };
    if !matches!(tried, Err(DeliveryError::Blocked { .. }))
        && app.mail_failures.swap(0, Ordering::Relaxed) > 0
    {
        tracing::info!("mails can leave again");
    }
    let (mail, kind) = (queued.id, queued.kind);
    let (why, pause, outcome) = match tried {
        Ok(answer) => {
            tracing::info!(%mail, ?kind, answer, "mail delivered");
            finish(app, &queued, MailState::Sent, None).await?;
            return Ok(Delivered::One);
        }
        Err(DeliveryError::Final(why)) => (why, None, Delivered::One),
        Err(DeliveryError::Passing(why)) => {
            (why, Some(pause(MAIL_PAUSES, queued.attempts)), Delivered::One)
        }
        Err(DeliveryError::Blocked { why, pause: asked }) => {
            let asked = asked.unwrap_or_default().min(LONGEST_REQUEST);
            let failures = app.mail_failures.fetch_add(1, Ordering::Relaxed) + 1;
            let pause = pause(BLOCKED_PAUSES, failures).max(asked);
            if failures == 1 {
                tracing::error!(
                    why,
                    "mails cannot leave at present; they wait, and are tried again for a day"
                );
            }
            (why, Some(pause), Delivered::Blocked(pause))
        }
    };
    // A day of trying, wherever it had to wait before that.
    let waits_since = queued.retried_at.or(queued.first_tried_at).unwrap_or(queued.created_at);
    match pause {
        Some(pause) if app.clock.now().since(waits_since) < GIVE_UP_AFTER => {
            tracing::warn!(%mail, ?kind, why, "mail put back for {} s", pause.as_secs());
            let is_blocked = matches!(outcome, Delivered::Blocked(_));
            let due_in = if is_blocked { Duration::ZERO } else { pause };
            let due_at = app.clock.now().after(due_in);
            transaction!(app.db, |tx| { outbox::postpone(tx, &queued, &why, due_at).await })?;
        }
        _ => {
            tracing::error!(%mail, ?kind, why, "mail given up; `authflow mail retry` tries it again");
            finish(app, &queued, MailState::Failed, Some(&why)).await?;
        }
    }
    Ok(outcome)
}

/// What there is to deliver.
enum Claim {
    Mail(QueuedMail),
    Nothing,
    Held(Duration),
}

/// Takes on the next mail: one outside the budget, or else the one whose turn it is, if this minute has still room for it.
async fn claim(app: &App) -> Result<Claim> {
    let now = app.clock.now();
    let (leased, until) = (id::new(now), now.after(lease(app)));
    transaction!(app.db, |tx| -> Result<_> {
        if let Some(mail) = outbox::claim(tx, leased, now, until).await? {
            return Ok(Claim::Mail(mail));
        }
        let Some(next) = outbox::next_in_turn(tx, now).await? else { return Ok(Claim::Nothing) };
        if let Err(wait) = throttle::count(app, tx, Subject::Emails).await? {
            return Ok(Claim::Held(wait));
        }
        let claimed = outbox::claim_turn(tx, next, leased, now, until).await?;
        if claimed.is_none() {
            throttle::take_back(app, tx, Subject::Emails).await?; // another instance was first
        }
        Ok(claimed.map_or(Claim::Nothing, Claim::Mail))
    })
}

/// Says in the log, at most once an hour, that mails wait because strangers cause too many.
async fn raise_alarm(app: &App) -> Result<()> {
    let now = app.clock.now();
    let latest = app.emails_alarm_at.load(Ordering::Relaxed);
    if now.since(Timestamp(latest)) < ALARM_EVERY {
        return Ok(());
    }
    let Held { count, since } = outbox::held(&app.db, now.after(Duration::from_secs(1))).await?;
    let Some(since) = since.map(tracing::field::display) else { return Ok(()) };
    app.emails_alarm_at.store(now.0, Ordering::Relaxed);
    tracing::error!(
        waiting = count,
        since,
        limit = app.config.emails_per_minute,
        "visitors cause more emails than EMAILS_PER_MINUTE allows; the rest waits. `authflow doctor` says what to do"
    );
    Ok(())
}

/// How many mails that strangers caused wait for their first turn although they were asked for before `before`.
pub async fn held(db: &Db, before: Timestamp) -> Result<Held> {
    Ok(outbox::held(db, before).await?)
}

/// How long a try may take: `MAIL_TIMEOUT` for the way, and as much for the mail.
fn longest_try(app: &App) -> Duration {
    2 * app.config.mail_timeout + DETOURS
}

/// How long a mail that a worker has taken on is nobody else's.
fn lease(app: &App) -> Duration {
    longest_try(app) + MARGIN
}

/// Notes what became of a mail; the last trace of a deleted account goes.
async fn finish(
    app: &App,
    queued: &QueuedMail,
    state: MailState,
    error: Option<&str>,
) -> Result<()> {
    let now = app.clock.now();
    transaction!(app.db, |tx| {
        match queued.kind {
            MailKind::AccountDeleted
            | MailKind::AccountDeletedByAdministrator
            | MailKind::SignUpRefused => outbox::delete(tx, queued.id).await,
            _ => outbox::finish(tx, queued, state, error, now).await,
        }
    })?;
    Ok(())
}

/// The mails about a user, those asked for by their address alone included, the latest first; at most `limit`.
pub async fn about(
    app: &App,
    user: UserId,
    email: &EmailAddress,
    limit: u32,
) -> Result<Vec<OutboxEntry>> {
    Ok(outbox::about(&app.db, user, email.key().as_str(), limit.into()).await?)
}

/// The mails of all, the latest first; `state`: only those. At most `limit`.
pub async fn list(db: &Db, state: Option<MailState>, limit: u32) -> Result<Vec<OutboxEntry>> {
    match state {
        Some(state) => Ok(outbox::in_state(db, state, limit.into()).await?),
        None => Ok(outbox::latest(db, limit.into()).await?),
    }
}

/// Tries given-up mails again for another day: one, or all. How many those are.
pub async fn retry(db: &Db, clock: &Clock, mail: Option<MailId>) -> Result<u64> {
    let now = clock.now();
    let mails = if let Some(mail) = mail {
        vec![mail]
    } else {
        let failed = outbox::in_state(db, MailState::Failed, i64::MAX).await?;
        failed.into_iter().map(|mail| mail.id).collect()
    };
    transaction!(db, |tx| -> Result<_> {
        let mut retried = 0;
        for mail in &mails {
            retried += outbox::retry(tx, *mail, now).await?;
        }
        Ok(retried)
    })
}

/// When the next mail is due, if one waits.
pub async fn next_due(app: &App) -> Result<Option<Timestamp>> {
    let due = [outbox::next_due(&app.db).await?, outbox::next_due_in_turn(&app.db).await?];
    Ok(due.into_iter().flatten().min())
}

/// The same of those that are outside the budget.
pub async fn next_exempt_due(app: &App) -> Result<Option<Timestamp>> {
    Ok(outbox::next_due(&app.db).await?)
}

/// Draws the mail and makes its link good. Nothing if it is not wanted any more, or went to an address without an account.
async fn prepare(app: &App, queued: &QueuedMail) -> Result<Option<Mail>> {
    let now = app.clock.now();
    let recipient = EmailAddress::parse(&queued.recipient).map_err(|error| {
        DeliveryError::Final(format!("the recipient cannot be written to: {error}"))
    })?;
    let account = match queued.user_id {
        Some(id) => users::find(&app.db, id).await?,
        None => users::find_by_email(&app.db, &recipient.key()).await?,
    };
    // Who asked by address alone may have typed it in other letters than its owner.
    let to = match &account {
        Some(user) if user.email_key == recipient.key() => user.email.clone(),
        _ => recipient,
    };
    let link = account.as_ref().zip(queued.kind.purpose()).map(|(user, purpose)| {
        let token = OneTimeToken::of_mail(&app.secrets.one_time, queued.id);
        let (path, lifetime) = match purpose {
            Purpose::VerifyEmail => ("verify-email", VERIFY_EMAIL_TTL),
            Purpose::ResetPassword => ("reset-password", app.config.lifetimes.reset_token),
            Purpose::HandedReset => ("reset-password", HANDED_RESET_TTL),
            Purpose::ConfirmEmail => ("confirm-email", CONFIRM_EMAIL_TTL),
            Purpose::NotMe => ("not-me", NOT_ME_TTL),
        };
        let expires_at = now.after(lifetime);
        let grant = Grant { user_id: user.id, email_key: to.key(), expires_at };
        (token, purpose, grant, path, lifetime)
    });
    let invitation = invitation_of(app, queued, now).await?;
    let waiting = waiting_for(app, queued).await?;
    let is_wanted = transaction!(app.db, |tx| -> Result<_> {
        if !outbox::hold(tx, queued, now.after(lease(app))).await? {
            return Ok(false); // cancelled, or another worker's by now
        }
        if !is_wanted(app, queued.kind, account.as_ref())
            && invitation.is_none()
            && waiting.is_none()
        {
            outbox::delete(tx, queued.id).await?;
            return Ok(false);
        }
        if is_of_sign_up(queued, account.as_ref())
            && !may_reset_sign_up(app, tx, queued, &to.key()).await?
        {
            return Ok(false);
        }
        if let Some((token, purpose, grant, ..)) = &link {
            one_time_tokens::put(tx, token, *purpose, grant, now).await?;
        }
        Ok(true)
    })?;
    if !is_wanted {
        return Ok(None);
    }
    let link = link.map(|(token, _, _, path, lifetime)| (path, token, lifetime)).or(invitation);
    let detail = waiting.as_deref().or(queued.detail.as_deref());
    draw(app, queued, &to, link, detail.unwrap_or_default()).map(Some)
}

/// Whether a reset link was asked for by the address of a sign-up that no one has confirmed. Such addresses are anyone's.
fn is_of_sign_up(queued: &QueuedMail, account: Option<&User>) -> bool {
    queued.kind == MailKind::ResetPassword
        && queued.user_id.is_none()
        && account.is_some_and(User::is_pending)
}

/// Counts such a link as an email that a stranger caused. Over the budget of the installation it is put off, over that of the mailbox it
/// is deleted.
async fn may_reset_sign_up(
    app: &App,
    tx: &mut Tx,
    queued: &QueuedMail,
    recipient: &EmailKey,
) -> Result<bool> {
    if let Err(wait) = throttle::count(app, tx, Subject::Emails).await? {
        let due_at = app.clock.now().after(wait);
        outbox::postpone(tx, queued, "it waits for its turn (EMAILS_PER_MINUTE)", due_at).await?;
        return Ok(false);
    }
    if throttle::count_mail(app, tx, Mails::SignUp, recipient).await?.is_err() {
        outbox::delete(tx, queued.id).await?;
        return Ok(false);
    }
    Ok(true)
}

/// Who waits for the administrator that a mail goes to; nothing if nobody does, or they are none any more.
async fn waiting_for(app: &App, queued: &QueuedMail) -> Result<Option<String>> {
    let Some(id) = queued.user_id.filter(|_| queued.kind == MailKind::SignUpWaits) else {
        return Ok(None);
    };
    if !user_roles::of_user(&app.db, id).await?.contains(&Role::admin()) {
        return Ok(None);
    }
    Ok(users::waiting(&app.db).await?.map(|Waiting { email, count }| match count - 1 {
        0 => email.to_string(),
        more => format!("{email} and {more} more"),
    }))
}

/// The link of the invitation that a mail is about, and how long that lasts; nothing once it is used, revoked or expired.
async fn invitation_of(
    app: &App,
    queued: &QueuedMail,
    now: Timestamp,
) -> Result<Option<(&'static str, OneTimeToken, Duration)>> {
    let id = queued.detail.as_deref().filter(|_| queued.kind == MailKind::Invitation);
    let Some(Ok(id)) = id.map(|id| id.parse().map(InvitationId)) else { return Ok(None) };
    let invitation = invitations::find(&app.db, id).await?;
    let open = invitation.filter(|it| it.standing(now) == Standing::Open);
    let token = OneTimeToken::of_invitation(&app.secrets.invitation, id);
    Ok(open.map(|it| ("invitation", token, it.expires_at.since(it.created_at))))
}

/// Under our own domain (RFC 5322, section 3.6.4); under the sender's where we have none.
pub(super) fn message_id(config: &Config, id: MailId) -> String {
    let url = &config.public_url;
    let own = url.domain().filter(|_| !url.is_loopback());
    format!("{id}@{}", own.unwrap_or_else(|| config.mail_from.email.domain()))
}

/// Whether a mail asked for a while ago still makes sense.
fn is_wanted(app: &App, kind: MailKind, account: Option<&User>) -> bool {
    let Some(user) = account else {
        return matches!(
            kind,
            MailKind::AccountDeleted
                | MailKind::AccountDeletedByAdministrator
                | MailKind::SignUpRefused
        );
    };
    // Its links would open nothing.
    if app.config.registration.shuts_out(user) {
        return false;
    }
    match kind {
        // Unless the invitation is, or somebody waits.
        MailKind::Invitation | MailKind::SignUpWaits => false,
        MailKind::VerifyEmail => user.disabled_at.is_none() && user.email_verified_at.is_none(),
        MailKind::PasswordsRefused => user.disabled_at.is_none() && !user.is_pending(),
        MailKind::AlreadyRegistered
        | MailKind::ResetPassword
        | MailKind::AccountSecured
        | MailKind::ConfirmEmail
        | MailKind::EmailTaken => user.disabled_at.is_none(),
        _ => true,
    }
}

fn draw(
    app: &App,
    queued: &QueuedMail,
    to: &EmailAddress,
    link: Option<(&str, OneTimeToken, Duration)>,
    detail: &str,
) -> Result<Mail> {
    let url = &app.config.public_url;
    let (path, lifetime) = match &link {
        Some((path, token, lifetime)) => {
            (format!("/auth/{path}/{}", token.reveal()), in_words(*lifetime))
        }
        None if queued.kind == MailKind::SignUpWaits => {
            ("/admin/users?standing=waiting".to_owned(), String::new())
        }
        None => ("/".to_owned(), String::new()),
    };
    let content = Content {
        site_name: &app.config.site_name,
        site: url.to_string(),
        email: to.as_str(),
        link: url.link(&path),
        lifetime,
        forgot_link: url.link("/auth/forgot-password"),
        when: queued.created_at.to_string(),
        address: &queued.address,
        detail,
    };
    let texts = message::draw(queued.kind, &content)?;
    let recipient: Result<Address, _> = to.as_str().parse();
    Ok(Mail {
        id: queued.id,
        message_id: message_id(&app.config, queued.id),
        from: app.config.mail_from.clone(),
        to: recipient.map_err(|error| DeliveryError::Final(error.to_string()))?,
        created_at: queued.created_at,
        texts,
        token: link.map(|(_, token, _)| Secret::new(token.reveal().clone())),
    })
}

/// Grows with each failure; a fifth more or less, so that instances do not knock together.
fn pause([first, longest]: [Duration; 2], attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let pause = first.saturating_mul(1 << doublings).min(longest);
    let [jitter] = secret::random::<1>();
    pause * (204 + u32::from(jitter) * 2 / 5) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_an_hour_or_so() {
        let of_a_mail = [(0, 30), (1, 30), (2, 60), (3, 120), (8, 3_600), (1_000, 3_600)];
        let of_all = [(0, 5), (1, 5), (2, 10), (5, 80), (6, 120), (1_000, 120)];
        let of_a_mail = of_a_mail.map(|(attempts, seconds)| (MAIL_PAUSES, attempts, seconds));
        let of_all = of_all.map(|(attempts, seconds)| (BLOCKED_PAUSES, attempts, seconds));
        for (pauses, attempts, seconds) in of_a_mail.into_iter().chain(of_all) {
            for _ in 0..100 {
                let pause = pause(pauses, attempts).as_secs_f64();
                let expected = f64::from(seconds);
                assert!(
                    (expected * 0.79..=expected * 1.21).contains(&pause),
                    "{attempts}: {pause}"
                );
            }
        }
    }
}
