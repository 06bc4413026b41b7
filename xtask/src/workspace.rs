//! The workspace as cargo sees it.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::shell::Shell;

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // Set by `cargo run`; asked at run time, because one binary may serve several checkouts.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let parent = manifest
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_path_buf);
        parent
            .or_else(|| env::current_dir().ok())
            .unwrap_or_else(|| PathBuf::from("."))
    })
}

/// What `cargo metadata` says, the whole dependency graph included.
#[derive(Debug)]
pub(crate) struct Metadata {
    json: Value,
}

impl Metadata {
    pub(crate) fn load() -> Result<Metadata> {
        let arguments = [
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--locked",
        ];
        let text = Shell::cargo().args(arguments).output()?;
        let json = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("`cargo metadata` made no sense: {error}")))?;
        Ok(Metadata { json })
    }

    /// Where the build output goes.
    pub(crate) fn target_dir(&self) -> PathBuf {
        PathBuf::from(self.json["target_directory"].as_str().unwrap_or("target"))
    }

    /// All packages, ours and others'.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        list(&self.json["packages"]).map(Package)
    }

    /// The packages of this workspace.
    pub(crate) fn members(&self) -> impl Iterator<Item = Package<'_>> {
        let ids: Vec<&str> = list(&self.json["workspace_members"])
            .filter_map(Value::as_str)
            .collect();
        self.packages()
            .filter(move |package| ids.contains(&package.id()))
    }

    /// The package at the root of the workspace: the facade.
    pub(crate) fn facade(&self) -> Result<Package<'_>> {
        let manifest =
            Path::new(self.json["workspace_root"].as_str().unwrap_or(".")).join("Cargo.toml");
        self.members()
            .find(|package| package.manifest() == manifest)
            .ok_or_else(|| Failure::new("the workspace has no package at its root"))
    }

    /// The resolved edges: for each package id, its dependencies' ids and kinds
    /// (`normal`, `build`, `dev`).
    pub(crate) fn edges(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        list(&self.json["resolve"]["nodes"]).flat_map(|node| {
            let from = text(&node["id"]);
            list(&node["deps"]).flat_map(move |dependency| {
                let to = text(&dependency["pkg"]);
                list(&dependency["dep_kinds"])
                    .map(move |kind| (from, to, kind["kind"].as_str().unwrap_or("normal")))
            })
        })
    }
}

/// One package in [`Metadata`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package<'a>(&'a Value);

impl<'a> Package<'a> {
    pub(crate) fn id(self) -> &'a str {
        text(&self.0["id"])
    }

    pub(crate) fn name(self) -> &'a str {
        text(&self.0["name"])
    }

    pub(crate) fn version(self) -> &'a str {
        text(&self.0["version"])
    }

    pub(crate) fn manifest(self) -> PathBuf {
        PathBuf::from(text(&self.0["manifest_path"]))
    }

    pub(crate) fn dir(self) -> PathBuf {
        self.manifest()
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default()
    }

    pub(crate) fn license(self) -> Option<&'a str> {
        self.0["license"].as_str()
    }

    /// Where it comes from: a registry or a repository, nothing for a folder.
    pub(crate) fn source(self) -> Option<&'a str> {
        self.0["source"].as_str()
    }

    pub(crate) fn rust_version(self) -> Option<&'a str> {
        self.0["rust_version"].as_str()
    }

    /// The names of its features, `default` left out.
    pub(crate) fn features(self) -> Vec<&'a str> {
        let features = self.0["features"].as_object();
        let names = features
            .into_iter()
            .flat_map(|map| map.keys().map(String::as_str));
        names.filter(|name| *name != "default").collect()
    }

    /// Its declared dependencies: name and kind (`normal`, `build`, `dev`).
    pub(crate) fn dependencies(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        list(&self.0["dependencies"]).map(|dependency| {
            (
                text(&dependency["name"]),
                dependency["kind"].as_str().unwrap_or("normal"),
            )
        })
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
