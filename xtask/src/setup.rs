//! `cargo xtask setup`: installs what the tests need and this machine does not have.
//!
//! Debian packages are installed when we are root or may become root without a password; nothing is
//! ever asked. What cannot be installed is named, with the command that would do it: the tests that
//! need it then say `SKIPPED`. Does nothing, quickly, when all is there.

mod newer;

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::shell::{self, Shell};
use crate::terminal;
use crate::workspace::Metadata;

/// A Debian package and how to see that it is there.
struct DebianPackage {
    package: &'static str,
    probe: Probe,
    needed_for: &'static str,
}

enum Probe {
    Program(&'static str),
    /// Any of these files or folders.
    Path(&'static [&'static str]),
}

const PACKAGES: &[DebianPackage] = &[
    DebianPackage {
        package: "gcc",
        probe: Probe::Program("cc"),
        needed_for: "building (ring, SQLite)",
    },
    DebianPackage {
        package: "libc6-dev",
        probe: Probe::Path(&["/usr/include/stdio.h", "/usr/include/x86_64-linux-gnu/bits"]),
        needed_for: "building (ring, SQLite)",
    },
    DebianPackage {
        package: "prosody",
        probe: Probe::Program("prosody"),
        needed_for: "tests against Prosody",
    },
    DebianPackage {
        package: "prosody-modules",
        probe: Probe::Path(&["/usr/lib/prosody/modules/mod_cloud_notify", PROSODY_MODULES]),
        needed_for: "tests against Prosody (community modules)",
    },
    DebianPackage {
        package: "lua-sec",
        probe: Probe::Path(&["/usr/share/lua/5.4/ssl.lua", "/usr/share/lua/5.2/ssl.lua"]),
        needed_for: "TLS in Prosody",
    },
    DebianPackage {
        package: "ejabberd",
        probe: Probe::Program("ejabberdctl"),
        needed_for: "tests against ejabberd",
    },
    DebianPackage {
        package: "python3-venv",
        probe: Probe::Program("python3"),
        needed_for: "tests against other clients (slixmpp)",
    },
];

const PROSODY_MODULES: &str = "/usr/lib/prosody/modules/mod_cloud_notify.lua";

/// Installs packages without letting them start (or later start) a server of their own: the tests
/// run private ones. `policy-rc.d` is Debian's way to say so; ours goes again at the end.
const INSTALL: &str = r#"
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" 2>&1; }
if ! said=$(install "$@"); then
    apt-get update -qq
    said=$(install "$@") || { echo "$said"; exit 1; }
fi
if [ -d /run/systemd/system ]; then
    for package in "$@"; do
        case $package in prosody | ejabberd) systemctl disable --now "$package" || true ;; esac
    done
fi
"#;

/// The clients in Python the tests talk to; pinned, so that a run can be repeated.
const PYTHON_PEERS: &[(&str, &str)] = &[("slixmpp", "1.17.0")];

/// The Python that Debian's packages are for; `python3` may be another one.
const SYSTEM_PYTHON: &str = "/usr/bin/python3";

pub(crate) fn run(_arguments: &[String]) -> Result {
    let mut missing = Vec::new();
    debian_packages(&mut missing);
    nextest(&mut missing);
    let target = Metadata::load()?.target_dir();
    newer::unpack(&target, &mut missing);
    python_peers(&target, &mut missing);
    if missing.is_empty() {
        println!(
            "{} everything the tests need is installed",
            terminal::green("setup:")
        );
    }
    for line in missing {
        terminal::warn(&format!("MISSING: {line}"));
    }
    Ok(())
}

/// Whether `cargo nextest` can be had.
pub(crate) fn has_nextest() -> bool {
    Shell::cargo()
        .args(["nextest", "--version"])
        .output()
        .is_ok()
}

fn debian_packages(missing: &mut Vec<String>) {
    let absent = absent_packages();
    if absent.is_empty() {
        return;
    }
    let names: Vec<&str> = absent.iter().map(|package| package.package).collect();
    if shell::find("apt-get").is_some()
        && let Some(root) = become_root()
    {
        terminal::step(&format!("apt-get install {}", names.join(" ")));
        let script = root.into_iter().chain(["sh", "-c", INSTALL, "setup"]);
        let mut words = script.chain(names.iter().copied());
        let program = words.next().unwrap_or("sh");
        if let Err(failure) = Shell::new(program).args(words).run() {
            terminal::warn(&failure.message.replace(INSTALL, "..."));
        }
    }
    for package in absent_packages() {
        missing.push(format!(
            "{} for {} (apt-get install {})",
            package.package, package.needed_for, package.package
        ));
    }
}

fn absent_packages() -> Vec<&'static DebianPackage> {
    PACKAGES
        .iter()
        .filter(|package| !package.probe.found())
        .collect()
}

impl Probe {
    fn found(&self) -> bool {
        match self {
            Probe::Program(program) => shell::find(program).is_some(),
            Probe::Path(paths) => paths.iter().any(|path| Path::new(path).exists()),
        }
    }
}

/// The words before a command that make it run as root: none for root, `sudo -n` where that works
/// without a password, `None` where it does not.
fn become_root() -> Option<Vec<&'static str>> {
    let id = Shell::new("id").arg("-u").output().ok()?;
    if id.trim() == "0" {
        return Some(Vec::new());
    }
    let sudo = Shell::new("sudo").args(["-n", "true"]).output();
    sudo.is_ok().then(|| vec!["sudo", "-n"])
}

fn nextest(missing: &mut Vec<String>) {
    if has_nextest() {
        return;
    }
    terminal::step("cargo install cargo-nextest --locked (minutes, once)");
    // Its own target folder: a debug-heavy profile of ours must not be mixed with it.
    if Shell::cargo()
        .args(["install", "cargo-nextest", "--locked", "--quiet"])
        .run()
        .is_err()
    {
        missing.push("cargo-nextest; `cargo test` is used instead".to_owned());
    }
}

fn python_peers(target: &Path, missing: &mut Vec<String>) {
    let venv = target.join("python-peers");
    if peers_installed(&venv) {
        return;
    }
    terminal::step(&format!("Python peers in {}", venv.display()));
    let pinned = install_pinned_peers(&venv).is_ok() && peers_installed(&venv);
    if !pinned && install_packaged_peers(&venv).is_err() {
        let line = "Python peers: neither from PyPI (python3 with venv) nor as packages (apt-get install \
                    python3-slixmpp); tests with them are skipped";
        missing.push(line.to_owned());
    }
}

/// From PyPI, in the versions that everybody tests with.
fn install_pinned_peers(venv: &Path) -> Result {
    if create_venv("python3", &["--clear"], venv).is_err() {
        // Debian's python3 without python3-venv has no ensurepip; then the package is missing.
        apt_install("python3-venv")?;
        create_venv("python3", &["--clear"], venv)?;
    }
    let wanted = PYTHON_PEERS
        .iter()
        .map(|(name, version)| format!("{name}=={version}"));
    let pip = venv.join("bin/pip");
    Shell::new(pip)
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .args(["--retries", "1", "--timeout", "20"])
        .args(wanted)
        .run()
}

/// Where PyPI cannot be reached: what Debian has, which is older.
fn install_packaged_peers(venv: &Path) -> Result {
    for (name, _) in PYTHON_PEERS {
        let import = format!("import {name}");
        let there = Shell::new(SYSTEM_PYTHON).args(["-c", &import]).output();
        if there.is_err() {
            apt_install(&format!("python3-{name}"))?;
        }
    }
    let options = ["--clear", "--without-pip", "--system-site-packages"];
    create_venv(SYSTEM_PYTHON, &options, venv)?;
    for (name, _) in PYTHON_PEERS {
        let import = format!("import {name}");
        let python = venv.join("bin/python");
        Shell::new(python).args(["-c", &import]).output()?;
    }
    Ok(())
}

/// Installs one package, where that is allowed.
fn apt_install(package: &str) -> Result {
    let Some(root) = become_root().filter(|_| shell::find("apt-get").is_some()) else {
        return Err(Failure::new(format!("{package} is not installed")));
    };
    let script = root
        .into_iter()
        .chain(["sh", "-c", INSTALL, "setup", package]);
    let words: Vec<&str> = script.collect();
    Shell::new(words[0]).args(&words[1..]).run()
}

fn create_venv(python: &str, options: &[&str], venv: &Path) -> Result {
    Shell::new(python)
        .args(["-m", "venv"])
        .args(options)
        .arg(venv)
        .output()
        .map(drop)
}

/// Whether everything is there: in its version, or as the system has it if it comes from there.
fn peers_installed(venv: &Path) -> bool {
    let config = std::fs::read_to_string(venv.join("pyvenv.cfg")).unwrap_or_default();
    if config.contains("include-system-site-packages = true") {
        let imports = PYTHON_PEERS
            .iter()
            .map(|(name, _)| format!("import {name}\n"));
        let python = venv.join("bin/python");
        let tried = Shell::new(python).args(["-c", &imports.collect::<String>()]);
        return tried.output().is_ok();
    }
    let site_packages = site_packages(venv);
    site_packages.is_some_and(|site| {
        let installed = |(name, version): &(&str, &str)| {
            site.join(format!("{name}-{version}.dist-info")).is_dir()
        };
        PYTHON_PEERS.iter().all(installed)
    })
}

/// `lib/python3.X/site-packages` of a virtual environment.
fn site_packages(venv: &Path) -> Option<PathBuf> {
    let mut versions = std::fs::read_dir(venv.join("lib")).ok()?;
    versions.find_map(|entry| {
        let site = entry.ok()?.path().join("site-packages");
        site.is_dir().then_some(site)
    })
}
