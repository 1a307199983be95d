//! Embeds the message files of every language, and writes one typed function for each English message: a message that does not exist, or
//! an argument that is missing, does not compile.

#[path = "build/messages.rs"]
mod messages;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use messages::{Message, Parameter};

fn main() {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut folders = sorted(&root.join("locales"));
    folders.retain(|folder| folder.is_dir());
    let mut embedded = String::new();
    for folder in &folders {
        let files = files_of(folder);
        let code = folder.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(embedded, "    ({code:?}, &[");
        for file in files {
            let file = file.to_str().expect("the project is in a folder with a readable name");
            let _ = writeln!(embedded, "        include_str!({file:?}),");
        }
        embedded.push_str("    ]),\n");
    }
    let mut languages: BTreeMap<_, _> = folders.iter().map(|it| messages_of(it)).collect();
    let messages = languages.remove("en").expect("locales/en has the messages");
    let embedded = format!(
        "/// The message files of each language.\npub static FOLDERS: &[(&str, &[&str])] = &[\n{embedded}];\n"
    );
    let Generated { shapes, deferred, immediate } = generated(&messages);
    let write =
        |name: &str, text: String| fs::write(out.join(name), text).expect("OUT_DIR is writable");
    write("catalogue.rs", embedded + &shapes);
    write("message.rs", deferred);
    write("localizer.rs", immediate);
}

/// The code of a language and its messages. A fault in a file of any language ends the build.
fn messages_of(folder: &Path) -> (String, BTreeMap<String, Message>) {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read = |path: &PathBuf| {
        let text =
            fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (name(path), text)
    };
    let files: Vec<_> = files_of(folder).iter().map(read).collect();
    let messages =
        messages::read(&files).unwrap_or_else(|faults| panic!("{}:\n{faults}", folder.display()));
    (name(folder), messages)
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> =
        entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files = sorted(folder);
    files.retain(|file| file.extension().is_some_and(|it| it == "ftl"));
    files
}

/// The parts of the code about messages.
struct Generated {
    /// What is the same in every language.
    shapes: String,
    /// Functions that make messages, which are put into words later.
    deferred: String,
    /// Methods of a reader, which give the words at once.
    immediate: String,
}

fn generated(messages: &BTreeMap<String, Message>) -> Generated {
    let mut shapes =
        String::from("/// The messages, sorted by ID.\npub static SHAPES: &[Shape] = &[\n");
    let mut deferred = String::new();
    let mut immediate = String::from("impl Localizer {\n");
    for (number, (id, message)) in messages.iter().enumerate() {
        let name = id.replace('-', "_");
        let parameters: Vec<_> =
            message.parameters.iter().map(|it| format!("Parameter::{}", shape_of(it))).collect();
        let _ = writeln!(
            shapes,
            "    Shape {{ id: {id:?}, parameters: &[{}], has_marks: {} }},",
            parameters.join(", "),
            !message.marks.is_empty()
        );
        let text = message.text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let doc = format!("`{}`", text.replace('`', "'"));
        let takes: Vec<_> = message
            .parameters
            .iter()
            .map(|it| format!("{}: {}", argument(it), "impl ToArgument"))
            .collect();
        let takes = takes.join(", ");
        let gives: Vec<_> = message.parameters.iter().map(argument).collect();
        let values: Vec<_> = gives.iter().map(|name| format!("{name}.to_argument()")).collect();
        let _ = writeln!(
            deferred,
            "/// {doc}\n#[must_use]\npub fn {name}({takes}) -> Message {{\n    Message::new({number}, vec![{}])\n}}\n",
            values.join(", ")
        );
        if message.parameters.is_empty() && message.marks.is_empty() {
            let _ = writeln!(
                immediate,
                "    /// {doc}\n    #[must_use]\n    pub fn {name}(&self) -> &'static str {{\n        self.fixed({number})\n    }}"
            );
        } else {
            let _ = writeln!(
                immediate,
                "    /// {doc}\n    #[must_use]\n    pub fn {name}(&self, {takes}) -> Localized {{\n        self.say(&message::{name}({}))\n    }}",
                gives.join(", ")
            );
        }
    }
    shapes.push_str("];\n");
    immediate.push_str("}\n");
    Generated { shapes, deferred, immediate }
}

fn shape_of(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Value(name) => format!("Value({name:?})"),
        Parameter::Link(name) => format!("Link {{ start: \"{name}-start\", end: \"{name}-end\" }}"),
    }
}

fn argument(parameter: &Parameter) -> String {
    let name = parameter.name().replace('-', "_");
    match name.as_str() {
        "for" | "in" | "type" | "use" | "where" | "self" | "as" | "match" => format!("r#{name}"),
        _ => name,
    }
}
