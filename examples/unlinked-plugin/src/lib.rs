//! A plugin of a dependency that no source names: the compiler drops the crate, and the plugin never registers.
//!
//! It is the negative control of the test of what is linked; were it missing there, that test could not fail.

use converse::prelude::*;

/// Never seen anywhere.
#[derive(Debug)]
pub struct Unlinked;

#[converse_plugin]
impl Plugin for Unlinked {
    const NAME: &'static str = "unlinked";
}
