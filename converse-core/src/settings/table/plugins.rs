//! Which plugins run.

use super::{CORE, Section};
use crate::settings::declaration::Declaration;

pub(super) fn section() -> Section {
    Section::new(
        "Plugins",
        CORE,
        "Which plugins run.",
        [
            Declaration::texts(
                "whitelisted_plugins",
                "Names of the plugins allowed to run besides the framework's own.",
            ),
            Declaration::texts(
                "blacklisted_plugins",
                "Names of plugins that do not run, whoever allows them.",
            ),
            Declaration::bool(
                "strict_plugin_dependencies",
                false,
                "Treat a missing optional dependency of a plugin as an error.",
            ),
        ],
    )
}
