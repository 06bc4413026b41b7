//! `cargo xtask layering`: who depends on whom.

mod crates;
mod facade;
mod modules;

use crate::failure::{Failure, Result};
use crate::workspace::Metadata;
use crate::{sources, terminal, workspace};

pub(crate) fn run(_arguments: &[String]) -> Result {
    let metadata = Metadata::load()?;
    let sources = sources::read(workspace::root())?;
    let mut violations = crates::violations(&crates::edges(&metadata)?);
    violations.extend(modules::violations(&sources));
    violations.extend(facade::violations(&sources));
    for violation in &violations {
        println!("{} {violation}", terminal::red("layering:"));
    }
    if violations.is_empty() {
        println!(
            "{} crates and modules depend downwards only",
            terminal::green("layering:")
        );
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} violation(s) of the layering",
        violations.len()
    )))
}
