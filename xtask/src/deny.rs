//! To come.

use crate::failure::Result;

pub(crate) fn run(_arguments: &[String]) -> Result {
    Ok(())
}
