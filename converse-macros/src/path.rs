//! Where the crate that uses a macro finds `converse_core`.

use std::path::Path;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

/// The crates through which the core can be reached, the nearest first.
const CORE: &str = "converse-core";
const FACADE: &str = "converse";

/// The path of the core as seen from the crate that is being compiled: `::converse_core`, or `::converse::core` in a
/// crate that depends on the facade only.
pub(crate) fn core_path() -> TokenStream {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .and_then(|folder| std::fs::read_to_string(Path::new(&folder).join("Cargo.toml")).ok())
        .unwrap_or_default();
    let ident = |name: &str| Ident::new(&name.replace('-', "_"), Span::call_site());
    match find(&manifest) {
        Found::Core(name) => {
            let name = ident(&name);
            quote!(::#name)
        }
        Found::Facade(name) => {
            let name = ident(&name);
            quote!(::#name::core)
        }
    }
}

/// A crate by the name under which it is imported.
#[derive(Debug, PartialEq)]
enum Found {
    Core(String),
    Facade(String),
}

/// Looks through a manifest: first the package itself, then its dependencies, then those of its tests.
fn find(manifest: &str) -> Found {
    let known = entries(manifest);
    let named = |section: Section, package: &str| {
        let mut found = known.iter().filter(|entry| entry.section == section);
        found
            .find(|entry| entry.package == package)
            .map(|entry| entry.name.clone())
    };
    for section in [
        Section::Package,
        Section::Dependencies,
        Section::DevDependencies,
    ] {
        if let Some(name) = named(section, CORE) {
            return Found::Core(name);
        }
        if let Some(name) = named(section, FACADE) {
            return Found::Facade(name);
        }
    }
    Found::Core(CORE.to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Section {
    Package,
    Dependencies,
    DevDependencies,
}

/// A package that a manifest names, and the name it is imported under.
struct Entry {
    section: Section,
    name: String,
    package: String,
}

/// The package and the dependencies of a manifest. This reads as much of TOML as manifests use for them: headers,
/// `name = "1"`, `name = { package = "x" }`, `name.workspace = true`, and tables such as `[dependencies.name]`.
fn entries(manifest: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut section = None;
    let mut in_table = false;
    for line in manifest.lines() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default().trim();
            let (kind, table) = section_of(header);
            section = kind;
            in_table = table.is_some();
            if let (Some(section), Some(name)) = (section, table) {
                entries.push(entry(section, name, name));
            }
            continue;
        }
        let (Some(section), Some((key, value))) = (section, line.split_once('=')) else {
            continue;
        };
        let key = key
            .split('.')
            .next()
            .unwrap_or(key)
            .trim()
            .trim_matches('"');
        if section == Section::Package {
            if key == "name" {
                let name = quoted(value).unwrap_or_default();
                entries.push(entry(section, name, name));
            }
        } else if in_table {
            if let (true, Some(last)) = (key == "package", entries.last_mut()) {
                quoted(value)
                    .unwrap_or_default()
                    .clone_into(&mut last.package);
            }
        } else {
            let renamed = value
                .split_once("package")
                .and_then(|(_, rest)| quoted(rest));
            entries.push(entry(section, key, renamed.unwrap_or(key)));
        }
    }
    entries
}

fn entry(section: Section, name: &str, package: &str) -> Entry {
    Entry {
        section,
        name: name.to_owned(),
        package: package.to_owned(),
    }
}

/// What a header opens, and the dependency it is about if it is about one only.
fn section_of(header: &str) -> (Option<Section>, Option<&str>) {
    if header == "package" {
        return (Some(Section::Package), None);
    }
    let kinds = [
        ("dev-dependencies", Section::DevDependencies),
        ("build-dependencies", Section::DevDependencies),
        ("dependencies", Section::Dependencies),
    ];
    for (word, section) in kinds {
        let start = if header.starts_with("target.") {
            header.find(&format!(".{word}")).map(|at| at + 1)
        } else {
            Some(0)
        };
        let Some(rest) = start.and_then(|at| header[at..].strip_prefix(word)) else {
            continue;
        };
        if rest.is_empty() {
            return (Some(section), None);
        }
        if let Some(name) = rest.strip_prefix('.') {
            return (Some(section), Some(name.trim().trim_matches('"')));
        }
    }
    (None, None)
}

/// The first quoted text.
fn quoted(text: &str) -> Option<&str> {
    let start = text.find(['"', '\''])?;
    let mark = text[start..].chars().next()?;
    text[start + 1..].split(mark).next()
}

#[cfg(test)]
mod tests {
    use super::{Found, find};

    fn core(name: &str) -> Found {
        Found::Core(name.to_owned())
    }

    fn facade(name: &str) -> Found {
        Found::Facade(name.to_owned())
    }

    #[test]
    fn a_manifest_tells_where_the_core_is() {
        let cases = [
            ("", core("converse-core")),
            (
                "[package]\nname = \"converse-core\"\n[dependencies]\nserde = \"1\"",
                core("converse-core"),
            ),
            (
                "[package]\nname = \"p\"\n[dependencies]\nconverse.workspace = true",
                facade("converse"),
            ),
            (
                "[dependencies]\nconverse = \"1\"\nconverse-core = \"1\"",
                core("converse-core"),
            ),
            (
                "[dependencies]\nconverse = \"1\"\n[dev-dependencies]\nconverse-core = \"1\"",
                facade("converse"),
            ),
            ("[dev-dependencies]\nconverse = \"1\"", facade("converse")),
            (
                "[dependencies]\nxmpp = { version = \"1\", package = \"converse\" }",
                facade("xmpp"),
            ),
            (
                "[dependencies.xmpp-core]\nversion = \"1\"\npackage = \"converse-core\"",
                core("xmpp-core"),
            ),
            (
                "[target.'cfg(unix)'.dependencies]\nconverse = \"1\"",
                facade("converse"),
            ),
            (
                "[target.'cfg(unix)'.dependencies.converse]\nversion = \"1\"",
                facade("converse"),
            ),
            (
                "[workspace.dependencies]\nconverse = \"1\"",
                core("converse-core"),
            ),
        ];
        for (manifest, expected) in cases {
            assert_eq!(find(manifest), expected, "{manifest}");
        }
    }
}
