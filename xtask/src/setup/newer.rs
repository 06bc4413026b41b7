//! Newer servers beside the system's own, unpacked below `target/servers`.
//!
//! Debian 12 has Prosody 0.12 and ejabberd 23.01, both without SASL2; its backports have newer ones.
//! They are only unpacked, not installed: no root is needed and nothing changes on the machine.
//! Elsewhere the system's own are new enough, or there is nothing to be had this way.

use std::fs;
use std::path::Path;

use crate::shell::{self, Shell};
use crate::terminal;

/// With a state of its own, apt needs no root and leaves the system's lists alone. The mirror is the
/// one apt already uses.
const UNPACK: &str = r#"
set -eu
target=$1; shift
state=$target/.apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs"
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' |
    while read -r uri name; do [ "$name" = bookworm ] && echo "${uri%/}" && break; done)
[ -n "$mirror" ]
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] $mirror bookworm-backports main" > "$state/sources.list"
apt() {
    apt-get -qq -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferencesparts=/dev/null -o "Dir::State::lists=$state/lists" \
        -o "Dir::Cache=$state/cache" -o "APT::Sandbox::User=$(id -un)" \
        -o Acquire::Languages=none "$@"
}
apt update
cd "$state/debs"
for package in "$@"; do set -- "$@" "$package/bookworm-backports"; shift; done
apt download "$@"
for deb in "$state"/debs/*.deb; do dpkg-deb -x "$deb" "$target"; done
if [ -e "$target/usr/bin/prosody" ]; then
    sed -i "s#'/usr/lib/prosody#'$target/usr/lib/prosody#; s#'/etc/prosody'#'$target/etc/prosody'#; \
        s#'/var/lib/prosody'#'$target/var/lib/prosody'#" "$target/usr/bin/prosody"
fi
rm -rf "$state"
"#;

/// What is unpacked: the folder, what must be installed for it to run, and the packages.
const SERVERS: &[(&str, &str, &[&str])] = &[
    ("prosody", "prosody", &["prosody", "prosody-modules"]),
    (
        "ejabberd",
        "ejabberdctl",
        &[
            "ejabberd",
            "erlang-jose",
            "erlang-p1-utils",
            "erlang-p1-yaml",
            "erlang-p1-yconf",
            "erlang-p1-acme",
            "erlang-p1-cache-tab",
            "erlang-p1-eimp",
            "erlang-p1-mqtree",
            "erlang-p1-pkix",
            "erlang-p1-stringprep",
            "erlang-p1-tls",
            "erlang-p1-stun",
            "erlang-p1-xml",
            "erlang-p1-zlib",
            "erlang-p1-xmpp",
        ],
    ),
];

/// Unpacks what is missing below `target/servers`; names what could not be had.
pub(super) fn unpack(target: &Path, missing: &mut Vec<String>) {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !release
        .lines()
        .any(|line| line == "VERSION_CODENAME=bookworm")
    {
        return;
    }
    for (name, program, packages) in SERVERS {
        let folder = target.join("servers").join(name);
        // The libraries it needs come with the system's own.
        if folder.is_dir() || shell::find(program).is_none() {
            continue;
        }
        terminal::step(&format!("a newer {name} in {}", folder.display()));
        if fetch(&folder, packages).is_err() {
            // A half-unpacked server would be taken for a whole one.
            let _ = fs::remove_dir_all(&folder);
            missing.push(format!(
                "a newer {name} (bookworm-backports); its tests are skipped"
            ));
        }
    }
}

fn fetch(folder: &Path, packages: &[&str]) -> crate::failure::Result {
    let _ = fs::create_dir_all(folder);
    Shell::new("sh")
        .args(["-c", UNPACK, "unpack"])
        .arg(folder)
        .args(packages)
        .output()
        .map(drop)
}
