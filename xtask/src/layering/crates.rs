//! Edges between the crates of the workspace.

use crate::failure::Result;
use crate::workspace::{Metadata, root};

/// What a crate is, and with that, what it may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The package at the root.
    Facade,
    Core,
    Macros,
    /// What several groupings have in common, without an actor: `converse-messages`.
    Shared,
    Testkit,
    Xtask,
    /// A package below `examples/`.
    Example,
    /// A program below `tests/` that runs the framework as a whole.
    Runner,
    /// Any other `converse-*`: groupings, transports, stores.
    Grouping,
}

/// A dependency of one crate of the workspace on another.
#[derive(Debug)]
pub(super) struct Edge {
    from: (String, Role),
    to: (String, Role),
    dev: bool,
}

/// All edges inside the workspace.
pub(super) fn edges(metadata: &Metadata) -> Result<Vec<Edge>> {
    let facade = metadata.facade()?.name();
    let members: Vec<(&str, Role)> = metadata
        .members()
        .map(|package| {
            let below = |folder: &str| package.dir().starts_with(root().join(folder));
            let place = match (below("examples"), below("tests")) {
                (true, _) => Place::Examples,
                (_, true) => Place::Tests,
                _ => Place::Elsewhere,
            };
            (package.name(), role(package.name(), facade, place))
        })
        .collect();
    let mut edges = Vec::new();
    for package in metadata.members() {
        let from = members.iter().find(|(name, _)| *name == package.name());
        for (dependency, kind) in package.dependencies() {
            let to = members.iter().find(|(name, _)| *name == dependency);
            if let (Some(from), Some(to)) = (from, to) {
                edges.push(Edge {
                    from: (from.0.to_owned(), from.1),
                    to: (to.0.to_owned(), to.1),
                    dev: kind == "dev",
                });
            }
        }
    }
    Ok(edges)
}

/// Where a package lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Examples,
    Tests,
    Elsewhere,
}

fn role(name: &str, facade: &str, place: Place) -> Role {
    match name {
        name if name == facade => Role::Facade,
        "converse-core" => Role::Core,
        "converse-macros" => Role::Macros,
        "converse-messages" => Role::Shared,
        "converse-testkit" => Role::Testkit,
        "xtask" => Role::Xtask,
        _ if place == Place::Examples => Role::Example,
        _ if place == Place::Tests => Role::Runner,
        _ => Role::Grouping,
    }
}

/// The edges that must not be, as sentences.
pub(super) fn violations(edges: &[Edge]) -> Vec<String> {
    let forbidden = edges.iter().filter(|edge| !edge.allowed());
    forbidden
        .map(|edge| {
            let kind = if edge.dev { "dev-depends" } else { "depends" };
            format!(
                "{} {kind} on {}: {}",
                edge.from.0,
                edge.to.0,
                rule(edge.from.1)
            )
        })
        .collect()
}

impl Edge {
    fn allowed(&self) -> bool {
        use Role::{Core, Example, Facade, Grouping, Macros, Runner, Shared, Testkit, Xtask};
        match (self.from.1, self.to.1) {
            (Macros | Xtask, _) | (_, Xtask | Runner) => false,
            (Runner, to) => matches!(to, Facade | Testkit),
            (from, Example) => from == Example || (from == Facade && self.dev),
            (_, Testkit) => self.dev,
            (Facade, Shared) => false,
            (Facade, _) | (Example, Facade) => true,
            (Core, to) => to == Macros,
            (Grouping, to) => matches!(to, Core | Macros | Shared),
            (Shared | Testkit, to) => matches!(to, Core | Macros),
            (Example, _) => self.dev,
        }
    }
}

fn rule(from: Role) -> &'static str {
    match from {
        Role::Facade => "the facade re-exports core and groupings, and only tests with the rest",
        Role::Core => "core stands on the macros only",
        Role::Macros => "the macros depend on nothing of ours",
        Role::Shared => "what groupings have in common stands on core only",
        Role::Testkit => "the testkit stands on core only",
        Role::Xtask => "xtask depends on nothing of ours",
        Role::Runner => {
            "a program of the tests uses the facade and the testkit, and nobody uses it"
        }
        Role::Example => "an example uses the facade, as an application does",
        Role::Grouping => {
            "a grouping stands on core and on what groupings have in common, never on another grouping"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, Place, role, violations};

    fn place(name: &str) -> Place {
        match name {
            name if name.ends_with("-plugin") => Place::Examples,
            name if name.ends_with("-cases") => Place::Tests,
            _ => Place::Elsewhere,
        }
    }

    fn edge(from: &str, to: &str, dev: bool) -> Edge {
        let end = |name: &str| (name.to_owned(), role(name, "converse", place(name)));
        Edge {
            from: end(from),
            to: end(to),
            dev,
        }
    }

    #[test]
    fn the_designed_edges_are_allowed() {
        let edges = [
            edge("converse", "converse-roster", false),
            edge("converse", "converse-testkit", true),
            edge("converse-roster", "converse-core", false),
            edge("converse-roster", "converse-testkit", true),
            edge("converse-chat", "converse-messages", false),
            edge("converse-muc", "converse-messages", false),
            edge("converse-messages", "converse-core", false),
            edge("converse-core", "converse-macros", false),
            edge("converse-testkit", "converse-core", false),
            edge("greeter-plugin", "converse", false),
            edge("converse", "greeter-plugin", true),
            edge("converse-cases", "converse", false),
            edge("converse-cases", "converse-testkit", false),
        ];
        assert_eq!(violations(&edges), Vec::<String>::new());
    }

    #[test]
    fn every_other_edge_is_a_violation() {
        let edges = [
            edge("converse-muc", "converse-roster", false),
            edge("converse-muc", "converse-roster", true),
            edge("converse-muc", "converse", true),
            edge("converse-muc", "converse-testkit", false),
            edge("converse-core", "converse-muc", false),
            edge("converse-testkit", "converse-muc", false),
            edge("converse-testkit", "converse-messages", false),
            edge("converse-core", "converse-messages", false),
            edge("converse-messages", "converse-chat", false),
            edge("converse", "converse-messages", false),
            edge("converse-macros", "converse-core", false),
            edge("xtask", "converse-core", false),
            edge("converse", "converse-testkit", false),
            edge("converse", "greeter-plugin", false),
            edge("converse-muc", "greeter-plugin", true),
            edge("greeter-plugin", "converse-core", false),
            edge("converse-cases", "converse-core", false),
            edge("converse", "converse-cases", true),
        ];
        assert_eq!(
            violations(&edges).len(),
            edges.len(),
            "{:?}",
            violations(&edges)
        );
    }
}
