//! The documentation of the settings, made from their declarations.

use std::fmt::Write as _;

use serde_json::Value;

use super::declaration::Declaration;
use super::kind::Kind;
use super::table;

const INTRODUCTION: &str = "\
# Settings

What `Converse::initialize` takes. This page is made from the declarations in
`converse-core/src/settings/table/`; to make it anew, run
`UPDATE_DOCS=1 cargo nextest run -p converse-core settings_table`.

A setting has three layers, the last that has a value wins: the default below, what the
application gave to `initialize`, and what `settings().set` set at run time. A plugin can
declare settings of its own and give existing ones another default with `settings().update`;
what the application gave and what was set at run time stay as they are.

An application gives settings in code (`settings! { \"jid\": \"romeo@montague.example\" }`), from a
TOML or JSON file (`SettingsMap::from_file`), or from environment variables
(`SettingsMap::from_environment(\"CONVERSE_\")`: `CONVERSE_JID` is `jid`; lists and maps are
written as JSON). `code.over(environment).over(file)` puts them on top of one another.

An unknown setting is an error with the nearest known name; with `strict_settings = false` it is
a warning. A value of the wrong type is always an error. Secrets are shown as `***` in logs,
errors and `Debug`.

Three defaults differ between the documentation of converse.js 3.2 and its code; the code's are
used: `message_carbons` and `roster_groups` are `true`, `archived_messages_page_size` is the
number 50. `auto_reconnect` is `true` here and `false` there. `auto_login` is worked out if it
is not given. What the table calls a user interface is nothing in the framework: such settings
are accepted and readable, for an application that has one.
";

/// The whole settings page: how settings work, and a table for each group of them.
#[must_use]
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for section in table::sections() {
        let (title, about) = (section.title, section.about);
        let table = markdown_table(&section.declarations);
        // Writing to a string does not fail.
        let _ = write!(page, "\n## {title}\n\n{about}\n\n{table}");
    }
    page
}

/// A Markdown table of `declarations`, in their order.
///
/// ```
/// use converse_core::settings::{Declaration, markdown_table};
///
/// let greeting = Declaration::text("greeting", "Hello", "What each contact is greeted with.").owner("greeter");
/// assert!(markdown_table(&[greeting]).ends_with(
///     "| `greeting` | text | `\"Hello\"` | greeter | What each contact is greeted with. |\n"
/// ));
/// ```
#[must_use]
pub fn markdown_table<'a>(declarations: impl IntoIterator<Item = &'a Declaration>) -> String {
    let mut table =
        "| setting | type | default | read by | meaning |\n|---|---|---|---|---|\n".to_owned();
    for declaration in declarations {
        let (key, kind) = (&declaration.key, kind(declaration.kind));
        let (default, doc) = (default(declaration), cell(&declaration.doc));
        let owner = reader(declaration);
        let _ = writeln!(table, "| `{key}` | {kind} | {default} | {owner} | {doc} |");
    }
    table
}

fn kind(kind: Kind) -> String {
    cell(&kind.to_string())
}

fn default(declaration: &Declaration) -> String {
    match (&declaration.derived, &declaration.default) {
        (Some(derived), _) => cell(derived.doc),
        (None, Value::Null) => "–".to_owned(),
        (None, value) => format!("`{}`", cell(&value.to_string())),
    }
}

fn reader(declaration: &Declaration) -> String {
    if declaration.headless {
        declaration.owner.to_string()
    } else {
        "a user interface".to_owned()
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
