//! Calls and views of the groupings.

use converse_testkit::cases::Groupings;

/// Every grouping of the framework.
#[derive(Debug, Clone, Copy)]
pub(crate) struct All;

impl Groupings for All {}
