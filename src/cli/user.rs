//! `authflow user …`: what administrators do in their pages, for whoever has a shell on the server.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::mail::look;
use super::user_import::{self, Wishes};
use super::{FAILED, UNUSABLE};
use crate::app::App;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::domain::account::email::EmailAddress;
use crate::domain::account::role::Role;
use crate::domain::account::user_list::{ListedUser, Order, UserFilter, UserStanding};
use crate::domain::account::username::Username;
use crate::domain::email::one_time_token::HANDED_RESET_TTL;
use crate::domain::source::Source;
use crate::error::{Error, Result};
use crate::services::administration::act::ActError;
use crate::services::administration::role_assignment;
use crate::services::administration::user_creation::{self, NewAccount};
use crate::services::administration::user_export;
use crate::services::administration::user_links;
use crate::services::administration::user_lookup::{self, UserDetails};
use crate::services::administration::user_security;
use crate::services::administration::user_status;
use crate::services::audit::Actor;
use crate::services::sign_up::activation::Activated;

/// Accounts that are read at a time.
const BATCH: usize = 500;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account, and print the link by which its owner sets a password.
    ///
    /// The link works once, within 24 hours; no mail is sent. This is the way to the first administrator.
    #[command(
        after_help = "Example: authflow user create ada@example.org --name 'Ada Lovelace' --role admin"
    )]
    Create {
        /// The address.
        email: String,
        /// The name; without it, what stands before the @.
        #[arg(long)]
        name: Option<String>,
        /// A role; may be repeated.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<String>,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// List accounts.
    #[command(after_help = "Example: authflow user list --standing disabled --sort last-sign-in")]
    List(ListArguments),
    /// Show one account: sessions, mails and what happened to it lately.
    #[command(after_help = "Example: authflow user show ada@example.org")]
    Show {
        /// Address or id.
        user: String,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Accept an account that waits for it (`REGISTRATION=approval`); its owner is told by mail.
    #[command(
        after_help = "Examples:\n  authflow user list --standing waiting\n  authflow user accept ada@example.org"
    )]
    Accept {
        /// Address or id.
        user: String,
    },
    /// Refuse an account that waits to be accepted, and delete it; whoever it was is told by mail.
    #[command(after_help = "Example: authflow user refuse eve@example.org")]
    Refuse {
        /// Address or id.
        user: String,
    },
    /// Close an account: everybody is signed out, and nothing opens it until `user enable`.
    #[command(after_help = "Example: authflow user disable ada@example.org")]
    Disable {
        /// Address or id.
        user: String,
    },
    /// Open a closed account again.
    #[command(after_help = "Example: authflow user enable ada@example.org")]
    Enable {
        /// Address or id.
        user: String,
    },
    /// Confirm the email address of an account yourself, without an email.
    ///
    /// Only if you know that the address belongs to this person: applications rely on it. A sign-up that waits for its confirmation
    /// becomes an account, and whoever signed up can then sign in with the password they chose. If you don't know that it was them,
    /// delete the sign-up with `authflow user delete` and create the account with `authflow user create`.
    #[command(after_help = "Example: authflow user verify-email ada@example.org")]
    VerifyEmail {
        /// Address or id.
        user: String,
    },
    /// Show or set the roles of an account; they count from the next request on.
    #[command(
        after_help = "Examples:\n  authflow user roles ada@example.org                     show them\n  authflow user roles ada@example.org --set admin,family  these and no others\n  authflow user roles ada@example.org --add family --remove staff"
    )]
    Roles {
        /// Address or id.
        user: String,
        /// These and no others, with commas between them; empty for none.
        #[arg(long, value_name = "ROLES", conflicts_with_all = ["add", "remove"])]
        set: Option<String>,
        /// One more; may be repeated.
        #[arg(long, value_name = "ROLE")]
        add: Vec<String>,
        /// One less; may be repeated.
        #[arg(long, value_name = "ROLE")]
        remove: Vec<String>,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Print a link by which the owner of an account sets a new password; no mail is sent.
    ///
    /// It works once, within 24 hours. An account with a second factor asks for a code as well: `--remove-second-factor` takes it
    /// away, for somebody who has lost it.
    ///
    /// The link does not confirm the email address of an account that is in use, for no one has shown who reads its mail: `authflow
    /// user verify-email` does.
    #[command(after_help = "Example: authflow user reset-link ada@example.org")]
    ResetLink {
        /// Address or id.
        user: String,
        /// Take the second factor away, for this reason, which the owner is told by mail.
        #[arg(long, value_name = "REASON")]
        remove_second_factor: Option<String>,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Take accounts over from another system: CSV or JSON lines.
    ///
    /// Fields: email, and if known id (a UUID), username, password_hash (argon2 or bcrypt), roles, verified. All of the file is checked
    /// first: every bad line is named, and nothing is imported unless all are good. Accounts that are there already stay as they are, so
    /// that the command can be repeated. An account without a hash waits for its owner to ask for a new password.
    #[command(
        after_help = "Examples:\n  authflow user import users.csv --dry-run\n  authflow user import users.jsonl --skip-bad"
    )]
    Import {
        /// .csv or .jsonl; - for standard input.
        file: PathBuf,
        /// Leave bad lines out and import the others.
        #[arg(long)]
        skip_bad: bool,
        /// Only say what is wrong and what would be imported.
        #[arg(long)]
        dry_run: bool,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Write all accounts into a file that `user import` reads, one JSON object per line.
    #[command(after_help = "Example: authflow user export users.jsonl --password-hashes")]
    Export {
        /// Where to; must not exist. - for standard output.
        file: PathBuf,
        /// With the hashes of passwords: keep the file as safe as the passwords themselves.
        #[arg(long)]
        password_hashes: bool,
    },
    /// Delete an account and all that hangs on it. This cannot be undone.
    #[command(after_help = "Example: authflow user delete ada@example.org --yes")]
    Delete {
        /// Address or id.
        user: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only those whose address or name contain this.
    #[arg(long, default_value = "")]
    search: String,
    /// Only those who stand like this.
    #[arg(long, value_parser = one_of(UserStanding::ALL.map(UserStanding::name), UserStanding::named))]
    standing: Option<UserStanding>,
    /// Only those with this role.
    #[arg(long)]
    role: Option<String>,
    /// Only those with (true) or without (false) a second factor.
    #[arg(long)]
    second_factor: Option<bool>,
    /// In which order.
    #[arg(long, default_value = "newest", value_parser = one_of(Order::ALL.map(Order::name), Order::named))]
    sort: Order,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// For programs.
    #[arg(long)]
    json: bool,
}

/// A parser that also names them all in the help.
fn one_of<T: Clone + Send + Sync + 'static, const N: usize>(
    names: [&'static str; N],
    parse: fn(&str) -> Option<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(names).try_map(move |name| parse(&name).ok_or("is none of them"))
}

/// Why a command did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// The account does not exist, or does not allow it.
    #[error("{0}")]
    Refused(String),
    /// A part failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<ActError> for CommandError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Failed(error) => Self::Failed(error),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

/// Carries a command out.
pub async fn run(config: &Config, command: UserCommand) -> ExitCode {
    let done = async {
        look(config).await?.close().await;
        let app = Box::pin(App::start(config.clone(), Clock::System)).await?;
        let done = Box::pin(carry_out(&app, command)).await;
        app.db.close().await;
        done
    };
    match done.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Usage(why)) => {
            eprintln!("{why}");
            ExitCode::from(UNUSABLE)
        }
        Err(CommandError::Refused(why)) => {
            eprintln!("{why}");
            ExitCode::from(FAILED)
        }
        Err(CommandError::Failed(error)) => {
            eprintln!("{}: {error}", config.database.describe());
            ExitCode::from(FAILED)
        }
    }
}

async fn carry_out(app: &App, command: UserCommand) -> Result<(), CommandError> {
    let source = Source::command_line();
    let actor = Actor { id: None, source: &source };
    match command {
        UserCommand::Create { email, name, roles, json } => {
            create(app, actor, &email, name.as_deref(), &roles, json).await
        }
        UserCommand::List(arguments) => list(app, arguments).await,
        UserCommand::Show { user, json } => show(app, &user, json).await,
        UserCommand::Accept { user } => {
            let user = find(app, &user).await?;
            user_status::accept(app, actor, user.id).await?;
            println!("{} is accepted; a mail is on its way.", user.email);
            Ok(())
        }
        UserCommand::Refuse { user } => {
            let user = find(app, &user).await?;
            user_status::refuse(app, actor, user.id).await?;
            println!("{} is refused and deleted; a mail is on its way.", user.email);
            Ok(())
        }
        UserCommand::Disable { user } => {
            let user = find(app, &user).await?;
            user_status::disable(app, actor, user.id).await?;
            println!("{} is closed, and everybody is signed out of it.", user.email);
            Ok(())
        }
        UserCommand::Enable { user } => {
            let user = find(app, &user).await?;
            user_status::enable(app, actor, user.id).await?;
            println!("{} is open again.", user.email);
            Ok(())
        }
        UserCommand::VerifyEmail { user } => {
            let user = find(app, &user).await?;
            match user_links::verify_email(app, actor, user.id).await? {
                Activated::Account => println!("{} is confirmed.", user.email),
                Activated::AwaitsApproval => println!(
                    "{} is confirmed; the account waits to be accepted: authflow user accept {}",
                    user.email, user.email
                ),
            }
            if user.activated_at.is_none() {
                eprintln!(
                    "This was a sign-up: whoever made it can now sign in with the password they chose. If you don't know that it was {}, \
                     run authflow user delete {} and create the account with authflow user create.",
                    user.username, user.email
                );
            }
            Ok(())
        }
        UserCommand::Roles { user, set, add, remove, json } => {
            let user = find(app, &user).await?;
            roles(app, actor, &user, set.as_deref(), &add, &remove, json).await
        }
        UserCommand::ResetLink { user, remove_second_factor, json } => {
            let user = find(app, &user).await?;
            if let Some(reason) = remove_second_factor {
                let reason = user_security::reason(&reason).map_err(usage)?;
                user_security::remove_second_factor(app, actor, user.id, &reason).await?;
            }
            let link = user_links::reset_link(app, actor, user.id).await?;
            print_link(&user.email, link.reveal(), json);
            Ok(())
        }
        UserCommand::Import { file, skip_bad, dry_run, json } => {
            let wishes = Wishes { skip_bad, dry_run, json };
            user_import::run(app, actor, &file, wishes).await
        }
        UserCommand::Export { file, password_hashes } => {
            export(app, actor, &file, password_hashes).await
        }
        UserCommand::Delete { user, yes } => {
            let user = find(app, &user).await?;
            confirm_deletion(&user, yes)?;
            user_status::delete(app, actor, user.id).await?;
            println!("{} is deleted.", user.email);
            Ok(())
        }
    }
}

async fn find(app: &App, name: &str) -> Result<ListedUser, CommandError> {
    let found = user_lookup::named(app, name).await?;
    found.ok_or_else(|| {
        CommandError::Refused(format!(
            "There is no account {name:?}; `authflow user list --search …` finds it by a part of address or name."
        ))
    })
}

async fn create(
    app: &App,
    actor: Actor<'_>,
    email: &str,
    name: Option<&str>,
    roles: &[String],
    json: bool,
) -> Result<(), CommandError> {
    let email = EmailAddress::parse(email).map_err(usage)?;
    let username = match name {
        Some(name) => Username::parse(name).map_err(usage)?,
        None => Username::plain(&email),
    };
    let roles = parse_roles(roles)?;
    let new = NewAccount { email: &email, username: &username, roles: &roles };
    let id = user_creation::create(app, actor, &new).await?;
    let link = user_links::reset_link(app, actor, id).await?;
    print_link(&email, link.reveal(), json);
    Ok(())
}

fn print_link(email: &EmailAddress, link: &str, json: bool) {
    let hours = HANDED_RESET_TTL.as_secs() / 3_600;
    if json {
        println!("{}", json!({ "email": email, "link": link, "hours": hours }));
        return;
    }
    println!("{link}");
    eprintln!(
        "Whoever opens this link sets the password of {email}: once, within {hours} hours. Hand it over as you would a password."
    );
}

async fn list(app: &App, arguments: ListArguments) -> Result<(), CommandError> {
    let ListArguments { search, standing, role, second_factor, sort, limit, json } = arguments;
    let filter = UserFilter { search, standing, role, second_factor };
    let mut place = sort.start();
    let mut left = limit;
    let mut all = Vec::new();
    let mut is_all = false;
    while left > 0 {
        let page = user_lookup::list(app, &filter, sort, &place, left.min(BATCH)).await?;
        left -= page.users.len();
        all.extend(page.users);
        let Some(next) = page.next else {
            is_all = true;
            break;
        };
        place = next;
    }
    if json {
        println!("{}", Value::Array(all.iter().map(to_json).collect()));
    } else if all.is_empty() {
        println!("There are no such accounts.");
    } else {
        all.iter().for_each(print_line);
    }
    if !is_all {
        eprintln!("There are more than these {limit}: --limit shows them.");
    }
    Ok(())
}

fn to_json(user: &ListedUser) -> Value {
    let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    json!({
        "id": user.id,
        "email": user.email,
        "username": user.username,
        "standing": user.standing().name(),
        "roles": user.roles().collect::<Vec<_>>(),
        "second_factor": user.second_factor,
        "created_at": user.created_at.to_rfc3339(),
        "activated_at": time(user.activated_at),
        "email_verified_at": time(user.email_verified_at),
        "awaits_approval_since": time(user.awaits_approval_since),
        "disabled_at": time(user.disabled_at),
        "last_sign_in_at": time(user.last_sign_in_at),
    })
}

fn print_line(user: &ListedUser) {
    let roles: Vec<&str> = user.roles().collect();
    let roles = if roles.is_empty() { String::new() } else { format!("  [{}]", roles.join(", ")) };
    let factor = if user.second_factor { "  two-factor" } else { "" };
    println!(
        "{}  {:<10}  {}  {}{roles}{factor}",
        user.id,
        user.standing().name(),
        user.email,
        user.username
    );
}

async fn show(app: &App, name: &str, json: bool) -> Result<(), CommandError> {
    let id = find(app, name).await?.id;
    let account = user_lookup::find(app, id).await?.ok_or(ActError::Unknown)?;
    let UserDetails { user, second_factor, sessions, mails, entries, .. } = account;
    if json {
        let mut shown = to_json(&user);
        shown["second_factor_since"] = json!(second_factor.map(|it| it.since.to_rfc3339()));
        shown["recovery_codes_left"] = json!(second_factor.map(|it| it.recovery_codes));
        shown["sessions"] = sessions
            .iter()
            .map(|it| {
                json!({
                    "id": it.id, "address": it.address, "user_agent": it.user_agent,
                    "signed_in_at": it.created_at.to_rfc3339(), "last_seen_at": it.last_seen_at.to_rfc3339(),
                })
            })
            .collect();
        shown["mails"] = mails.iter().map(super::mail::to_json).collect();
        shown["audit_entries"] = entries
            .iter()
            .map(|it| {
                json!({
                    "at": it.at.to_rfc3339(), "event": it.event, "outcome": it.outcome, "address": it.address,
                    "user_agent": it.user_agent, "detail": it.detail,
                })
            })
            .collect();
        println!("{shown}");
        return Ok(());
    }
    let time = |at: Option<Timestamp>| at.map_or("–".to_owned(), |at| at.to_string());
    let roles: Vec<&str> = user.roles().collect();
    println!("id            {}", user.id);
    println!("address       {} (confirmed: {})", user.email, time(user.email_verified_at));
    println!("name          {}", user.username);
    println!("standing      {}", user.standing().name());
    println!("roles         {}", if roles.is_empty() { "none".into() } else { roles.join(", ") });
    println!(
        "two-factor    {}",
        second_factor.map_or("off".into(), |it| {
            format!("on since {}, {} recovery codes left", it.since, it.recovery_codes)
        })
    );
    println!("since         {}", user.created_at);
    println!("last sign-in  {}", time(user.last_sign_in_at));
    println!("sessions      {}", sessions.len());
    for session in &sessions {
        println!(
            "  {} from {}, last seen {}",
            session.created_at, session.address, session.last_seen_at
        );
    }
    println!("latest mails");
    for mail in &mails {
        println!("  {} {}: {}", mail.created_at, mail.kind.facts().label, mail.state.name());
    }
    println!("latest activity");
    for entry in &entries {
        let detail = entry.detail.as_ref().map_or(String::new(), |it| format!(" ({it})"));
        println!("  {} {}{detail} from {}", entry.at, entry.event.name(), entry.address);
    }
    Ok(())
}

async fn roles(
    app: &App,
    actor: Actor<'_>,
    user: &ListedUser,
    set: Option<&str>,
    add: &[String],
    remove: &[String],
    json: bool,
) -> Result<(), CommandError> {
    let before: BTreeSet<Role> = user.roles().filter_map(|it| Role::parse(it).ok()).collect();
    let roles = if let Some(set) = set {
        Role::parse_list(set).map_err(usage)?
    } else {
        let mut roles = before.clone();
        roles.extend(parse_roles(add)?);
        let removed = parse_roles(remove)?;
        if let Some(missing) = removed.iter().find(|role| !before.contains(role)) {
            let why = format!("{} does not have the role {missing}.", user.email);
            return Err(CommandError::Refused(why));
        }
        roles.retain(|role| !removed.contains(role));
        roles
    };
    if roles != before {
        role_assignment::set_roles(app, actor, user.id, &roles).await?;
    }
    if json {
        println!("{}", json!(roles));
    } else if roles.is_empty() {
        println!("{} has no roles.", user.email);
    } else {
        println!("{}: {}", user.email, crate::domain::account::role::join(&roles));
    }
    Ok(())
}

fn parse_roles(names: &[String]) -> Result<BTreeSet<Role>, CommandError> {
    names.iter().map(|name| Role::parse(name)).collect::<Result<_, _>>().map_err(usage)
}

fn usage(why: impl std::fmt::Display) -> CommandError {
    CommandError::Usage(format!("{why}"))
}

/// Asks a person; a script has to say `--yes`.
fn confirm_deletion(user: &ListedUser, yes: bool) -> Result<(), CommandError> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(usage("Nothing was deleted: say --yes, or run this in a terminal."));
    }
    eprint!(
        "{} ({}) and all that hangs on it will be deleted; this cannot be undone. Type the address to go on: ",
        user.email, user.username
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Error::io("reading the answer"))?;
    let is_same = EmailAddress::parse(&answer).is_ok_and(|it| it.key() == user.email.key());
    if is_same { Ok(()) } else { Err(CommandError::Refused("Nothing was deleted.".into())) }
}

/// Writes as it reads: however many there are, they do not fill the memory.
async fn export(
    app: &App,
    actor: Actor<'_>,
    file: &Path,
    password_hashes: bool,
) -> Result<(), CommandError> {
    let doing = format!("writing {}", file.display());
    let is_stdout = file == Path::new("-");
    let to: Box<dyn Write> = if is_stdout {
        Box::new(io::stdout())
    } else {
        let mut options = std::fs::OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(0o600).open(file);
        Box::new(opened.map_err(Error::io(&doing))?)
    };
    let mut to = BufWriter::new(to);
    let mut export = user_export::begin(app, actor, password_hashes).await?;
    let mut count = 0;
    loop {
        let lines = user_export::next(app, &mut export).await?;
        if lines.is_empty() {
            break;
        }
        count += lines.len();
        for line in lines {
            let text = serde_json::to_string(&line).map_err(Error::from)?;
            writeln!(to, "{text}").map_err(Error::io(&doing))?;
        }
    }
    to.flush().map_err(Error::io(&doing))?;
    if !is_stdout {
        eprintln!("{count} accounts are in {}.", file.display());
    }
    Ok(())
}
