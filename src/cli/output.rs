//! `println!` and its siblings for the command line. Unlike those of the standard library, they don't panic if no one reads the output,
//! as with `authflow user list | head`.

use std::fmt::Arguments;
use std::io::Write;

macro_rules! println {
    ($($text:tt)*) => { $crate::cli::output::line(std::io::stdout(), format_args!($($text)*)) };
}

macro_rules! print {
    ($($text:tt)*) => { $crate::cli::output::text(std::io::stdout(), format_args!($($text)*)) };
}

macro_rules! eprintln {
    ($($text:tt)*) => { $crate::cli::output::line(std::io::stderr(), format_args!($($text)*)) };
}

macro_rules! eprint {
    ($($text:tt)*) => { $crate::cli::output::text(std::io::stderr(), format_args!($($text)*)) };
}

pub fn line(to: impl Write, line: Arguments<'_>) {
    text(to, format_args!("{line}\n"));
}

pub fn text(mut to: impl Write, text: Arguments<'_>) {
    let _ = to.write_fmt(text).and_then(|()| to.flush());
}
