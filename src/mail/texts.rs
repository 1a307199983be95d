//! Puts the letter of an email into words, in the language of its reader: the subject and the two parts.

use askama::Template;

use crate::domain::email::mail_kind::MailKind;
use crate::i18n::localized::WORD_JOINER;
use crate::i18n::localizer::Localizer;
use crate::i18n::message::{self, Message};
use crate::looks::AccentShades;
use crate::mail::letters::letter::{Block, Content, Letter};
use crate::mail::letters::table;
use crate::mail::outgoing::Texts;
use crate::mail::quote::one_line;

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Text<'a> {
    t: &'a Localizer,
    letter: &'a Letter,
    greeting: &'a Message,
    site_name: &'a str,
    site: &'a str,
    footer: &'a Message,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    t: &'a Localizer,
    letter: &'a Letter,
    greeting: &'a Message,
    site_name: &'a str,
    site: &'a str,
    footer: &'a Message,
    subject: &'a str,
    /// The colors of buttons.
    shades: AccentShades,
}

/// Renders an email for its reader.
pub fn render(kind: MailKind, content: &Content<'_>, reader: &Localizer) -> askama::Result<Texts> {
    put_into_words(&table::letter(kind, content), content, reader)
}

/// Renders the test email.
pub fn render_test(content: &Content<'_>, reader: &Localizer) -> askama::Result<Texts> {
    put_into_words(&table::test(content), content, reader)
}

fn put_into_words(
    letter: &Letter,
    content: &Content<'_>,
    reader: &Localizer,
) -> askama::Result<Texts> {
    let (t, site_name, site) = (reader, content.site_name, &*content.site);
    let greeting = &match content.greeted {
        Some(name) => message::email_greeting_by_name(name),
        None => message::email_greeting(),
    };
    let footer = &match &content.looks.support_email {
        Some(email) => message::email_footer_support(email.as_str()),
        None => message::email_footer(),
    };
    let shades = content.looks.accent.light;
    let subject = one_line(&reader.email_subject(&letter.subject, site_name).plain());
    Ok(Texts {
        text: Text { t, letter, greeting, site_name, site, footer }.render()?,
        // Some mail programs show the word joiner as a box.
        html: Html { t, letter, greeting, site_name, site, footer, subject: &subject, shades }
            .render()?
            .replace(WORD_JOINER, ""),
        subject,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::LazyLock;
    use std::time::Duration;

    use mail_parser::decoders::html::html_to_text;

    use super::*;
    use crate::clock::Timestamp;
    use crate::domain::email::mail_kind::Destination;
    use crate::domain::sign_in::emailed_code;
    use crate::i18n::languages::Languages;
    use crate::i18n::message::ToArgument;
    use crate::looks::Looks;

    const SITE: &str = "https://login.example.org";
    static LOOKS: LazyLock<Looks> = LazyLock::new(Looks::default);
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    pub fn content(kind: MailKind) -> Content<'static> {
        let forgot_link = format!("{SITE}/auth/forgot-password");
        let link = match kind.facts().link {
            Destination::ForgotPassword => forgot_link.clone(),
            Destination::None
            | Destination::Site
            | Destination::WaitingSignUps
            | Destination::Invitation
            | Destination::OneTime(_) => format!("{SITE}/auth/x/SECRET"),
        };
        Content {
            site_name: "Müller & Söhne",
            looks: &LOOKS,
            site: SITE.into(),
            greeted: Some("Ada"),
            inviter: Some("Grace Hopper"),
            email: "ada@example.org",
            link,
            lifetime: Duration::from_mins(30),
            code: "0123 4567",
            forgot_link,
            when: Timestamp(1_795_415_400),
            address: "192.0.2.7",
            detail: FIREFOX,
            waiting: 3,
            first_waiting: "eve@example.org",
        }
    }

    /// A reader of each language.
    pub fn readers() -> impl Iterator<Item = Localizer> {
        let now = Some(Timestamp(1_795_415_400));
        let reader =
            move |language| Localizer { language, zone: "Europe/Berlin".parse().unwrap(), now };
        Languages::embedded().all().iter().copied().map(reader)
    }

    pub fn english() -> Localizer {
        readers().next().unwrap()
    }

    /// Every email in every language.
    fn all() -> impl Iterator<Item = (MailKind, Localizer, Texts)> {
        readers().flat_map(|reader| {
            MailKind::ALL.iter().copied().map(move |kind| {
                (kind, reader.clone(), render(kind, &content(kind), &reader).unwrap())
            })
        })
    }

    pub fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_email_has_the_link_of_its_kind_and_no_secret_in_its_subject() {
        for (kind, reader, texts) in all() {
            let about = reader.say(&table::letter(kind, &content(kind)).subject).plain();
            let subject = &texts.subject;
            assert!((1..=70).contains(&about.chars().count()), "{kind:?}: {about}");
            assert!(subject.contains("Müller & Söhne") && subject.contains(&about), "{subject}");
            for secret in ["SECRET", "http", "0123", "4567", "@", "192.0.2.7"] {
                assert!(!subject.contains(secret), "{kind:?}: {subject}");
            }
            assert!(texts.html.contains("Müller &#38; Söhne"), "{kind:?}");
            let link = kind.facts().link;
            let to = content(kind).link;
            assert_eq!(texts.text.contains(&to), link != Destination::None, "{kind:?}");
            assert_eq!(texts.html.contains(&to), link != Destination::None, "{kind:?}");
            let has_code = kind == MailKind::ConfirmationCode;
            let lasts = reader.text(&emailed_code::LASTS.to_argument());
            for part in ["0123 4567", &lasts] {
                assert_eq!(texts.text.contains(part), has_code, "{kind:?}");
                assert_eq!(texts.html.contains(part), has_code, "{kind:?}");
            }
            let expires = matches!(link, Destination::OneTime(_) | Destination::Invitation);
            let lifetime = reader.text(&content(kind).lifetime.to_argument());
            assert_eq!(texts.text.contains(&lifetime), expires, "{kind:?}: {}", texts.text);
        }
    }

    #[test]
    fn text_parts_have_one_line_per_paragraph_and_links_on_their_own_lines() {
        for (kind, reader, Texts { text, .. }) in all() {
            let letter = table::letter(kind, &content(kind));
            let facts = letter.blocks.iter().filter_map(|block| match block {
                Block::Facts(facts) => Some(facts),
                _ => None,
            });
            let lines = |facts: &Vec<Message>| {
                facts.iter().map(|it| reader.say(it).plain()).collect::<Vec<_>>().join("\n")
            };
            let facts: Vec<String> = facts.map(lines).collect();
            let (body, signature) = text.split_once("\n\n-- \n").unwrap();
            let footer = reader.say(&message::email_footer()).plain();
            let site = format!("Müller & Söhne\n{SITE}/\n{footer}");
            assert_eq!(signature.trim_end(), site, "{text}");
            for paragraph in body.split("\n\n") {
                assert!(!paragraph.starts_with('\n') && !paragraph.ends_with('\n'), "{text}");
                let lines = paragraph.lines().all(|line| !line.is_empty() && line.trim() == line);
                let is_facts = facts.iter().any(|it| it == paragraph.trim_end());
                assert!(lines && (is_facts || !paragraph.contains('\n')), "{text}");
                assert!(paragraph.starts_with(SITE) || !paragraph.contains("://"), "{text}");
                assert!(!paragraph.starts_with(SITE) || !paragraph.contains(' '), "{text}");
            }
        }
    }

    #[test]
    fn both_parts_have_the_same_text() {
        for (kind, _, texts) in all() {
            let html = words(&html_to_text(&texts.html));
            for paragraph in texts.text.replace("-- \n", "").split("\n\n") {
                assert!(html.contains(&words(paragraph)), "{kind:?}: {paragraph}\n{html}");
            }
        }
    }

    #[test]
    fn html_parts_load_nothing_and_link_only_to_the_site() {
        for (kind, reader, Texts { subject, html, .. }) in all() {
            for foreign in ["<img", "<style", "<link", "<script", " src=", "url(", "@import"] {
                assert!(!html.contains(foreign), "{kind:?}: {foreign}");
            }
            for link in html.split("href=\"").skip(1) {
                assert!(link.starts_with(SITE), "{kind:?}: {link}");
            }
            let title = format!("<title>{}</title>", subject.replace('&', "&#38;"));
            let (code, direction) = (&reader.language.code, reader.language.direction);
            let language = format!("<html lang=\"{code}\" dir=\"{direction}\">");
            assert!(html.contains(&language) && html.contains(&title), "{html}");
        }
    }

    #[test]
    fn data_is_escaped_in_html_parts() {
        let markup = "<b>\"'&";
        for kind in MailKind::ALL.iter().copied() {
            let content = Content {
                site_name: markup,
                greeted: Some(markup),
                inviter: Some(markup),
                email: markup,
                address: markup,
                detail: markup,
                first_waiting: markup,
                ..content(kind)
            };
            let texts = render(kind, &content, &english()).unwrap();
            assert!(!texts.html.contains("<b>"), "{kind:?}");
            assert!(texts.text.contains(markup) && texts.subject.contains(markup), "{kind:?}");
        }
    }

    #[test]
    fn strangers_are_not_greeted_by_name() {
        let kind = MailKind::VerifyEmail;
        let of = |greeted| render(kind, &Content { greeted, ..content(kind) }, &english()).unwrap();
        assert!(of(Some("Ada")).text.starts_with("Hello Ada,\n"));
        assert!(of(None).text.starts_with("Hello,\n"));
    }

    #[test]
    fn an_email_about_sign_ups_says_how_many_wait() {
        let kind = MailKind::SignUpWaits;
        for (waiting, subject, line) in [
            (1, "1 new account needs your approval", "approval: eve@example.org\n"),
            (2, "2 new accounts need your approval", "approval: eve@example.org and 1 more\n"),
            (3, "3 new accounts need your approval", "approval: eve@example.org and 2 more\n"),
        ] {
            let texts = render(kind, &Content { waiting, ..content(kind) }, &english()).unwrap();
            assert!(texts.subject.ends_with(subject), "{}", texts.subject);
            assert!(texts.text.contains(line), "{}", texts.text);
        }
    }
}
