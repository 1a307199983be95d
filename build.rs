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
    let mut english = None;
    let mut faults = Vec::new();
    for folder in &folders {
        match messages_of(folder) {
            Ok(messages) if folder.ends_with("en") => english = Some(messages),
            Ok(_) => {}
            Err(found) => {
                faults.extend(found.lines().map(|fault| format!("{}: {fault}", folder.display())));
            }
        }
    }
    if !faults.is_empty() {
        for fault in &faults {
            println!("cargo::error={fault}");
        }
        return;
    }
    let Generated { shapes, deferred, immediate } =
        generated(&english.expect("locales/en has the messages"));
    let write =
        |name: &str, text: String| fs::write(out.join(name), text).expect("OUT_DIR is writable");
    write("catalogue.rs", embedded(&folders) + &shapes);
    write("message.rs", deferred);
    write("localizer.rs", immediate);
}

/// The messages of a language. A fault in any language ends the build.
fn messages_of(folder: &Path) -> Result<BTreeMap<String, Message>, String> {
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).map_err(|it| format!("{}: {it}", name(path)))?;
        Ok((name(path), text))
    };
    let files: Vec<_> = files_of(folder).iter().map(read).collect::<Result<_, String>>()?;
    messages::language(&name(folder), &files)
}

/// The code that embeds the message files.
fn embedded(folders: &[PathBuf]) -> String {
    let mut code = String::from(
        "/// The message files of each language.\npub static FOLDERS: &[(&str, &[&str])] = &[\n",
    );
    for folder in folders {
        let _ = writeln!(code, "    ({:?}, &[", name(folder));
        for file in files_of(folder) {
            let file = file.to_str().expect("the project is in a folder with a readable name");
            let _ = writeln!(code, "        include_str!({file:?}),");
        }
        code.push_str("    ]),\n");
    }
    code + "];\n"
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
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
        let _ = writeln!(shapes, "    {},", shape(id, message));
        let name = snake_case(id);
        let text = message.text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let doc = format!("`{}`", text.replace('`', "'"));
        let takes = each(message, |it| match it {
            Parameter::Value(name) => format!("{}: impl ToArgument", snake_case(name)),
            Parameter::Link(name) => format!("{}: impl Into<String>", snake_case(name)),
        });
        let gives = each(message, |it| snake_case(it.name()));
        let arguments = each(message, |it| match it {
            Parameter::Value(name) => format!("{}.to_argument()", snake_case(name)),
            Parameter::Link(name) => format!("Argument::Text({}.into())", snake_case(name)),
        });
        let _ = writeln!(
            deferred,
            "/// {doc}\n#[must_use]\npub fn {name}({takes}) -> Message {{\n    Message::new({number}, vec![{arguments}])\n}}\n",
        );
        if message.parameters.is_empty() && message.marks.is_empty() {
            let _ = writeln!(
                immediate,
                "    /// {doc}\n    #[must_use]\n    pub fn {name}(&self) -> &'static str {{\n        self.fixed({number})\n    }}"
            );
        } else {
            let _ = writeln!(
                immediate,
                "    /// {doc}\n    #[must_use]\n    pub fn {name}(&self, {takes}) -> Localized {{\n        self.say(&message::{name}({gives}))\n    }}",
            );
        }
    }
    shapes.push_str("];\n");
    immediate.push_str("}\n");
    Generated { shapes, deferred, immediate }
}

/// The `Shape` of a message. Its markers are constants of `i18n::localized`, so a link or mark without markers does not compile.
fn shape(id: &str, message: &Message) -> String {
    let pair = |name: &str, markers: String| {
        format!(
            "Pair {{ start: \"{name}-start\", end: \"{name}-end\", markers: marker::{markers} }}"
        )
    };
    let mut links = 0..;
    let parameters = each(message, |it| match it {
        Parameter::Value(name) => format!("Parameter::Value({name:?})"),
        Parameter::Link(name) => {
            let markers = format!("LINKS[{}]", links.next().unwrap_or_default());
            format!("Parameter::Link({})", pair(name, markers))
        }
    });
    let marks: Vec<_> = message.marks.iter().map(|it| pair(it, it.to_uppercase())).collect();
    let marks = marks.join(", ");
    format!("Shape {{ id: {id:?}, parameters: &[{parameters}], marks: &[{marks}] }}")
}

/// A list of something about each parameter.
fn each(message: &Message, code: impl FnMut(&Parameter) -> String) -> String {
    message.parameters.iter().map(code).collect::<Vec<_>>().join(", ")
}

fn snake_case(name: &str) -> String {
    name.replace('-', "_")
}
