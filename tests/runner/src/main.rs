//! Replays JSON cases against the framework with its groupings: `cargo xtask cases [DIR] [--area AREA] [--id ID]`.
//!
//! The runner is [`converse_testkit::cases`]; here is only what it cannot know: how a call or a view of a grouping, by the
//! name that the cases use, is made in Rust.

mod groupings;

use std::process::ExitCode;

use groupings::All;

fn main() -> ExitCode {
    let mut out = std::io::stdout().lock();
    converse_testkit::cases::main(std::env::args().skip(1), &All, &mut out)
}
