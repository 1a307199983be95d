//! A letter: what an email says, in no language. Both of its parts are made from it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::user_agent::UserAgent;
use crate::i18n::message::{self, Message};
use crate::looks::Looks;

/// The data of an email. It does not change between two attempts, so every attempt sends the same email.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "may contain a link that changes an account")]
pub struct Content<'a> {
    /// The name of the site.
    pub site_name: &'a str,
    /// The look of the site.
    pub looks: &'a Looks,
    /// The URL of the site.
    pub site: String,
    /// The name to greet; `None` if the recipient may be a stranger.
    pub greeted: Option<&'a str>,
    /// The name of the administrator who invites the recipient, if the email is an invitation.
    pub inviter: Option<&'a str>,
    /// The recipient's email address.
    pub email: &'a str,
    /// The link in the email.
    pub link: String,
    /// How long the link works, if it expires.
    pub lifetime: Duration,
    /// The code in the email, if it has one.
    pub code: &'a str,
    /// The page that sends reset links.
    pub forgot_link: String,
    /// When the event happened.
    pub when: Timestamp,
    /// The IP address that caused the event.
    pub address: &'a str,
    /// A further fact: another email address, the user agent, how many codes are left, or a reason.
    pub detail: &'a str,
    /// How many accounts wait for approval, if the email is about them.
    pub waiting: i64,
    /// The address of the first of them.
    pub first_waiting: &'a str,
}

/// A part of a letter.
#[derive(Clone, Debug)]
pub enum Block {
    /// Some sentences.
    Paragraph(Message),
    /// What the letter asks for. As plain text it is the link alone.
    Button {
        /// What happens.
        label: Message,
        /// Where it leads.
        href: String,
    },
    /// A link on a line of its own.
    Link(String),
    /// Facts, each on a line of its own.
    Facts(Vec<Message>),
    /// A code to copy.
    Code(String),
}

/// An email in no language, without greeting and signature.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What it is about, without the name of the site and without secrets.
    pub subject: Message,
    /// Its parts in order.
    pub blocks: Vec<Block>,
}

impl Letter {
    /// A letter without text.
    #[must_use]
    pub fn about(subject: Message) -> Self {
        Self { subject, blocks: Vec::new() }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn say(self, text: Message) -> Self {
        self.with(Block::Paragraph(text))
    }

    /// Adds the button that leads where the email's link leads.
    #[must_use]
    pub fn button(self, label: Message, content: &Content<'_>) -> Self {
        self.with(Block::Button { label, href: content.link.clone() })
    }

    /// Adds a second link.
    #[must_use]
    pub fn link(self, href: &str) -> Self {
        self.with(Block::Link(href.to_owned()))
    }

    /// Adds a code.
    #[must_use]
    pub fn code(self, code: &str) -> Self {
        self.with(Block::Code(code.to_owned()))
    }

    /// Adds facts.
    #[must_use]
    pub fn facts(self, facts: impl Into<Vec<Message>>) -> Self {
        self.with(Block::Facts(facts.into()))
    }

    /// Adds when and from which address the event was caused.
    #[must_use]
    pub fn origin(self, content: &Content<'_>) -> Self {
        self.facts([content.time(), message::email_ip_address(content.address)])
    }

    /// The same with the device, whose user agent is the detail.
    #[must_use]
    pub fn device_and_origin(self, content: &Content<'_>) -> Self {
        let device = Message::from(UserAgent::parse(content.detail));
        self.facts([
            message::email_device(device),
            content.time(),
            message::email_ip_address(content.address),
        ])
    }

    /// Adds the link for owners who did not cause the event.
    #[must_use]
    pub fn not_me(self, content: &Content<'_>) -> Self {
        self.secure(message::email_not_me(), content)
    }

    /// Adds the same link, with a text that says when to use it.
    #[must_use]
    pub fn secure(self, text: Message, content: &Content<'_>) -> Self {
        self.say(text)
            .button(message::email_not_me_button(), content)
            .say(message::email_not_me_lifetime(content.lifetime))
    }

    fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl Content<'_> {
    /// The fact when it happened.
    #[must_use]
    pub fn time(&self) -> Message {
        message::email_time(self.when)
    }
}
