//! The last step before an email is sent: checks that it is still wanted and may be sent now, and stores the token of its link.

use std::time::Duration;

use crate::app::App;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::domain::account::email::{EmailAddress, EmailKey};
use crate::domain::account::invitation::{Invitation, InvitationStanding};
use crate::domain::account::role::Role;
use crate::domain::account::user::User;
use crate::domain::email::mail_kind::{Destination, MailKind, Wanted};
use crate::domain::email::one_time_token::{
    CONFIRM_EMAIL_TTL, Grant, HANDED_RESET_TTL, NOT_ME_TTL, OneTimeToken, Purpose, VERIFY_EMAIL_TTL,
};
use crate::domain::id::InvitationId;
use crate::domain::sign_in::emailed_code::EmailedCode;
use crate::error::Result;
use crate::mail::{DeliveryError, Mail};
use crate::repositories::outbox::{self, QueuedMail};
use crate::repositories::sign_ups::{self, Waiting};
use crate::repositories::{emailed_codes, invitations, one_time_tokens, user_roles, users};
use crate::services::email::rendering::{self, LinkToken, MailSecrets};
use crate::services::throttle::{self, Mails, Subject};
use crate::transaction;

/// What an email depends on, read just before it is sent.
struct Situation {
    to: EmailAddress,
    account: Option<User>,
    /// The invitation, if it can still be used.
    invitation: Option<Invitation>,
    /// The sign-ups that await approval, if the email goes to an administrator.
    waiting: Option<Waiting>,
    /// The code in the email, if it still works.
    code: Option<EmailedCode>,
}

/// Renders an email and stores the token of its link. `None`: it is no longer wanted, or it has to wait.
pub async fn prepare(app: &App, queued: &QueuedMail, lease: Duration) -> Result<Option<Mail>> {
    let now = app.clock.now();
    let situation = look_up(app, queued, now).await?;
    let Situation { to, account, .. } = &situation;
    let link = queued.kind.facts().link;
    let token = token(app, queued, link, &situation);
    let may_be_sent = transaction!(app.db, |tx| -> Result<_> {
        if !outbox::hold(tx, queued, now.after(lease)).await? {
            return Ok(false);
        }
        if !is_wanted(app, queued.kind, &situation) {
            outbox::delete(tx, queued.id).await?;
            return Ok(false);
        }
        if is_of_sign_up(queued, account.as_ref())
            && !may_reset_sign_up(app, tx, queued, &to.key()).await?
        {
            return Ok(false);
        }
        if let (Destination::OneTime(purpose), Some(user), Some(it)) = (link, account, &token) {
            let expires_at = now.after(it.lifetime);
            let grant = Grant { user_id: user.id, email_key: to.key(), expires_at };
            one_time_tokens::put(tx, &it.token, purpose, &grant, now).await?;
        }
        if let (None, Some(waiting)) = (&queued.detail, &situation.waiting) {
            // So that every further attempt says the same.
            outbox::set_detail(tx, queued.id, &waiting.to_string()).await?;
        }
        Ok(true)
    })?;
    if !may_be_sent {
        return Ok(None);
    }
    let secrets = MailSecrets { link: token, code: situation.code.clone() };
    let waiting = situation.waiting.as_ref();
    rendering::render(&app.config, app.languages, queued, to, &secrets, waiting).map(Some)
}

async fn look_up(app: &App, queued: &QueuedMail, now: Timestamp) -> Result<Situation> {
    let recipient = EmailAddress::parse(&queued.recipient)
        .map_err(|_| DeliveryError::Final("the recipient's address is not valid".into()))?;
    let account = match queued.user_id {
        Some(id) => users::find(&app.db, id).await?,
        None => users::find_by_email(&app.db, &recipient.key()).await?,
    };
    // A visitor may have entered the address with other capitals than its owner.
    let to = match &account {
        Some(user) if user.email_key == recipient.key() => user.email.clone(),
        _ => recipient,
    };
    let mut situation = Situation { to, account, invitation: None, waiting: None, code: None };
    match queued.kind.facts().wanted {
        Wanted::WhileInvitationOpen => {
            situation.invitation = open_invitation(app, queued, now).await?;
        }
        Wanted::WhileSignUpsWait => situation.waiting = waiting_for(app, queued).await?,
        Wanted::WhileCodeWorks => situation.code = open_code(app, queued, now).await?,
        Wanted::WhileAccountExists
        | Wanted::WhileEnabled
        | Wanted::WhileUnconfirmed
        | Wanted::WhileActivated
        | Wanted::AfterDeletion => {}
    }
    Ok(situation)
}

async fn open_invitation(
    app: &App,
    queued: &QueuedMail,
    now: Timestamp,
) -> Result<Option<Invitation>> {
    let id = queued.detail.as_deref().map(|id| id.parse().map(InvitationId));
    let Some(Ok(id)) = id else { return Ok(None) };
    let invitation = invitations::find(&app.db, id).await?;
    Ok(invitation.filter(|it| it.standing(now) == InvitationStanding::Open))
}

/// The code of the email, if it can still be used. So no email with a code is sent after the code has expired.
async fn open_code(app: &App, queued: &QueuedMail, now: Timestamp) -> Result<Option<EmailedCode>> {
    let standing = emailed_codes::find(&app.db, queued.id).await?;
    let is_open = standing.is_some_and(|it| it.is_open(now));
    Ok(is_open.then(|| EmailedCode::of_mail(&app.secrets.emailed_code, queued.id)))
}

/// The sign-ups that await approval, as the first attempt counted them. `None` if there are none any longer, or the recipient is no longer an
/// administrator.
async fn waiting_for(app: &App, queued: &QueuedMail) -> Result<Option<Waiting>> {
    let Some(id) = queued.user_id else { return Ok(None) };
    if !user_roles::of_user(&app.db, id).await?.contains(&Role::admin()) {
        return Ok(None);
    }
    let counted = queued.detail.as_deref().and_then(Waiting::read);
    Ok(sign_ups::waiting(&app.db).await?.map(|now| counted.unwrap_or(now)))
}

/// Whether a queued email is still wanted.
fn is_wanted(app: &App, kind: MailKind, situation: &Situation) -> bool {
    let account = situation.account.as_ref();
    // The link of a sign-up that can no longer become an account would not work.
    let is_shut_out = account.is_some_and(|user| app.config.registration.shuts_out(user));
    let account_is = |condition: fn(&User) -> bool| !is_shut_out && account.is_some_and(condition);
    match kind.facts().wanted {
        Wanted::WhileAccountExists => account_is(|_| true),
        Wanted::WhileEnabled => account_is(|user| user.disabled_at.is_none()),
        Wanted::WhileUnconfirmed => {
            account_is(|user| user.disabled_at.is_none() && user.email_verified_at.is_none())
        }
        Wanted::WhileActivated => {
            account_is(|user| user.disabled_at.is_none() && !user.is_pending())
        }
        Wanted::WhileCodeWorks => {
            situation.code.is_some() && account_is(|user| user.disabled_at.is_none())
        }
        Wanted::WhileInvitationOpen => situation.invitation.is_some(),
        Wanted::WhileSignUpsWait => situation.waiting.is_some(),
        Wanted::AfterDeletion => !is_shut_out,
    }
}

/// Whether this is a reset link for the address of an unconfirmed sign-up. Such an address may belong to another person.
fn is_of_sign_up(queued: &QueuedMail, account: Option<&User>) -> bool {
    queued.kind == MailKind::ResetPassword
        && queued.user_id.is_none()
        && account.is_some_and(User::is_pending)
}

/// Counts such a link as an email caused by a stranger. Over the limit of the installation it is postponed; over the limit of the
/// mailbox it is deleted.
async fn may_reset_sign_up(
    app: &App,
    tx: &mut Tx,
    queued: &QueuedMail,
    recipient: &EmailKey,
) -> Result<bool> {
    if let Err(wait) = throttle::count(app, tx, Subject::Emails).await? {
        let due_at = app.clock.now().after(wait);
        outbox::postpone(tx, queued, "delayed by EMAILS_PER_MINUTE", due_at).await?;
        return Ok(false);
    }
    if throttle::count_mail(app, tx, Mails::SignUp, recipient).await?.is_err() {
        outbox::delete(tx, queued.id).await?;
        return Ok(false);
    }
    Ok(true)
}

fn token(
    app: &App,
    queued: &QueuedMail,
    link: Destination,
    situation: &Situation,
) -> Option<LinkToken> {
    match link {
        Destination::OneTime(purpose) => Some(LinkToken {
            token: OneTimeToken::of_mail(&app.secrets.one_time, queued.id),
            lifetime: match purpose {
                Purpose::VerifyEmail => VERIFY_EMAIL_TTL,
                Purpose::ResetPassword => app.config.lifetimes.reset_token,
                Purpose::HandedReset => HANDED_RESET_TTL,
                Purpose::ConfirmEmail => CONFIRM_EMAIL_TTL,
                Purpose::NotMe => NOT_ME_TTL,
            },
        }),
        Destination::Invitation => situation.invitation.as_ref().map(|it| LinkToken {
            token: OneTimeToken::of_invitation(&app.secrets.invitation, it.id),
            lifetime: it.expires_at.since(it.created_at),
        }),
        Destination::None
        | Destination::Site
        | Destination::ForgotPassword
        | Destination::WaitingSignUps => None,
    }
}
