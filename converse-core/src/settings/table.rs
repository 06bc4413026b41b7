//! Every setting of the 3.2 document, and those that the framework adds, by grouping.

mod archive;
mod bookmarks;
mod chat;
mod connection;
mod muc;
mod otr;
mod plugins;
mod reconnection;
mod roster;
mod status;
mod storage;
mod ui;
mod vcard;

use super::declaration::Declaration;

/// Who reads the core's own settings.
pub(crate) const CORE: &str = "converse-core";

/// The settings of one grouping.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) declarations: Vec<Declaration>,
}

impl Section {
    /// Settings that the plugin `owner` reads.
    fn new(
        title: &'static str,
        owner: &'static str,
        about: &'static str,
        declarations: impl IntoIterator<Item = Declaration>,
    ) -> Self {
        let declarations = declarations.into_iter();
        Self {
            title,
            about,
            declarations: declarations
                .map(|declaration| declaration.owner(owner))
                .collect(),
        }
    }
}

/// All groupings in the order of the documentation.
pub(crate) fn sections() -> Vec<Section> {
    vec![
        connection::section(),
        reconnection::section(),
        plugins::section(),
        storage::section(),
        roster::section(),
        status::section(),
        vcard::section(),
        chat::section(),
        muc::section(),
        bookmarks::section(),
        archive::section(),
        otr::section(),
        ui::section(),
    ]
}

/// All settings of all groupings.
pub(crate) fn all() -> impl Iterator<Item = Declaration> {
    let sections = sections().into_iter();
    sections.flat_map(|section| section.declarations)
}
