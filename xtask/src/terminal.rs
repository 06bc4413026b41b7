//! Colours, only where somebody looks at them: on a terminal, and not with `NO_COLOR`.

use std::io::{IsTerminal, stderr, stdout};

fn paint(code: &str, text: &str) -> String {
    let coloured =
        stdout().is_terminal() && stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if coloured {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

pub(crate) fn bold(text: &str) -> String {
    paint("1", text)
}

pub(crate) fn red(text: &str) -> String {
    paint("1;31", text)
}

pub(crate) fn green(text: &str) -> String {
    paint("32", text)
}

pub(crate) fn yellow(text: &str) -> String {
    paint("33", text)
}

/// A headline for a step about to run.
pub(crate) fn step(text: &str) {
    println!("{}", bold(&format!("==> {text}")));
}

/// Something a person should see although nothing failed.
pub(crate) fn warn(text: &str) {
    println!("{} {text}", yellow("warning:"));
}
