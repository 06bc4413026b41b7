//! The project's own commands. `cargo xtask` without arguments lists them.
//!
//! One file a command; `shell`, `terminal`, `workspace`, `sources` and `tokens` are what they
//! share. Depends on nothing of ours, so that a broken crate never breaks the tool that finds it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks"
)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")
)]

mod cases;
mod ci;
mod deny;
mod failure;
mod features;
mod layering;
mod msrv;
mod setup;
mod shell;
mod sources;
mod terminal;
mod test;
mod tidy;
mod tokens;
mod workspace;

use std::process::ExitCode;

use failure::{Failure, Result};

/// A command: its name, how it is called, what it does, and the function that does it.
struct Command {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "ci",
        arguments: "[--fail-fast]",
        about: "everything below, as continuous integration runs it; ends with a table",
        run: ci::run,
    },
    Command {
        name: "setup",
        arguments: "",
        about: "install what the tests need (servers, nextest, Python peers), where that is allowed",
        run: setup::run,
    },
    Command {
        name: "test",
        arguments: "[FILTER]...",
        about: "setup, then all tests, real servers and documentation examples included",
        run: test::run,
    },
    Command {
        name: "cases",
        arguments: "[DIR] [--area A] [--id ID]",
        about: "replay the JSON cases of DIR (tests/cases)",
        run: cases::run,
    },
    Command {
        name: "layering",
        arguments: "",
        about: "check which crate depends on which, and which core module imports which",
        run: layering::run,
    },
    Command {
        name: "tidy",
        arguments: "",
        about: "check what the compiler does not: file names and lengths, left-overs, documents",
        run: tidy::run,
    },
    Command {
        name: "msrv",
        arguments: "",
        about: "check that the stated minimum Rust version holds",
        run: msrv::run,
    },
    Command {
        name: "deny",
        arguments: "",
        about: "check licences and banned crates against deny.toml",
        run: deny::run,
    },
    Command {
        name: "features",
        arguments: "",
        about: "check that every feature of the facade builds alone, with none and with all",
        run: features::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        help();
        return ExitCode::SUCCESS;
    };
    if matches!(name.as_str(), "help" | "-h" | "--help") {
        help();
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        help();
        eprintln!("\n{} there is no command `{name}`", terminal::red("error:"));
        return ExitCode::from(2);
    };
    if rest
        .iter()
        .any(|argument| argument == "-h" || argument == "--help")
        && command.name != "cases"
    {
        println!(
            "cargo xtask {} {}\n\n{}",
            command.name, command.arguments, command.about
        );
        return ExitCode::SUCCESS;
    }
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            eprintln!("{} {message}", terminal::red("error:"));
            ExitCode::from(code)
        }
    }
}

fn help() {
    println!("{}", terminal::bold("cargo xtask COMMAND"));
    for command in COMMANDS {
        let call = format!("{} {}", command.name, command.arguments);
        println!("  {:<34} {}", call.trim_end(), command.about);
    }
}
