//! Prosody: its configuration, and its accounts as files.

use std::fmt::Write;

use super::certificates::Authority;
use super::folder::Folder;
use super::installation::Found;
use super::ports::Ports;
use super::process::Launch;
use super::server::Site;
use super::{Options, Server, ServerKind, ServerUnavailable, Storage};

const CONFIGURATION: &str = include_str!("prosody.cfg.lua");
const SMACKS_PARSER: &str = include_str!("mod_smacks_parser.lua");

/// Prosody, <https://prosody.im>.
#[derive(Debug, Clone, Copy)]
pub struct Prosody;

impl Prosody {
    /// Starts a Prosody and waits until it accepts connections.
    ///
    /// # Errors
    ///
    /// [`ServerUnavailable::NotInstalled`] where it is not installed; the others when it does not
    /// start.
    pub async fn start(options: Options) -> Result<Server, ServerUnavailable> {
        let found = Found::look(ServerKind::Prosody, options.installation)?;
        Server::start(|ports| prepare(&options, &found, ports)).await
    }
}

fn prepare(options: &Options, found: &Found, ports: Ports) -> Result<Site, ServerUnavailable> {
    let folder = Folder::create("prosody")?;
    let authority = Authority::create(&folder, &options.domain, options.certificate)?;
    folder.create_dir("data")?;
    folder.create_dir("modules")?;
    folder.write("modules/mod_smacks_parser.lua", SMACKS_PARSER)?;
    let text = configuration(options, found, ports, &folder, &authority);
    let file = folder.write("prosody.cfg.lua", &text)?;
    let arguments = ["-F", "--config"].map(str::to_owned).into_iter();
    let launch = Launch {
        program: found.program.clone(),
        arguments: arguments
            .chain([file.to_string_lossy().into_owned()])
            .collect(),
        environment: environment(found),
        output: folder.join("output.log"),
    };
    let (kind, domain) = (ServerKind::Prosody, options.domain.clone());
    Ok(Site {
        kind,
        domain,
        ports,
        authority,
        launch,
        folder,
    })
}

/// Lua libraries beside an unpacked Prosody come first.
fn environment(found: &Found) -> Vec<(&'static str, String)> {
    if found.root.is_empty() {
        return Vec::new();
    }
    let (root, arch) = (&found.root, std::env::consts::ARCH);
    vec![
        ("LUA_PATH_5_4", format!("{root}/usr/share/lua/5.4/?.lua;;")),
        (
            "LUA_CPATH_5_4",
            format!("{root}/usr/lib/{arch}-linux-gnu/lua/5.4/?.so;;"),
        ),
    ]
}

fn configuration(
    options: &Options,
    found: &Found,
    ports: Ports,
    folder: &Folder,
    authority: &Authority,
) -> String {
    let storage = match options.storage {
        Storage::Internal => "internal",
        Storage::Memory => "memory",
    };
    // Debian's mod_sasl2 for Prosody 0.12 loads, and then breaks every login over TLS.
    let newer = if found.prosody_major() >= 13 {
        r#""sasl2"; "sasl2_bind2"; "sasl2_sm"; "sasl2_fast"; "http_altconnect"; "spam_reporting";"#
    } else {
        ""
    };
    let replacements = [
        ("@DIR@", folder.path().to_string_lossy().into_owned()),
        (
            "@MODULES@",
            format!("{}/usr/lib/prosody/modules", found.root),
        ),
        ("@DOMAIN@", options.domain.clone()),
        (
            "@CERTIFICATE@",
            authority.chain_file.to_string_lossy().into_owned(),
        ),
        ("@KEY@", authority.key_file.to_string_lossy().into_owned()),
        ("@CA@", authority.ca_file.to_string_lossy().into_owned()),
        ("@END_POINT@", authority.end_point.clone()),
        ("@STORAGE@", storage.to_owned()),
        ("@HIBERNATION@", options.hibernation.as_secs().to_string()),
        ("@STARTTLS@", ports.starttls.to_string()),
        ("@DIRECT_TLS@", ports.direct_tls.to_string()),
        ("@HTTP@", ports.http.to_string()),
        ("@HTTPS@", ports.https.to_string()),
        ("@NEWER@", newer.to_owned()),
    ];
    replacements
        .iter()
        .fold(CONFIGURATION.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
}

/// Accounts are files; a running Prosody reads them at every login.
pub(super) fn add_user(
    folder: &Folder,
    host: &str,
    user: &str,
    password: &str,
) -> Result<(), ServerUnavailable> {
    let accounts = folder.create_dir(&format!("data/{}/accounts", encode(host)))?;
    let file = accounts.join(format!("{}.dat", encode(user)));
    if file.exists() {
        let (what, answer) = (format!("add {user}@{host}"), "it exists".to_owned());
        return Err(ServerUnavailable::Refused { what, answer });
    }
    let text = format!(
        "return {{\n\t[\"password\"] = \"{}\";\n}};\n",
        lua_string(password)
    );
    std::fs::write(&file, text).map_err(ServerUnavailable::io(&file))
}

/// How Prosody spells names in its data folder: all but letters and digits as `%xx`.
fn encode(name: &str) -> String {
    name.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02x}");
        }
        encoded
    })
}

/// The inside of a Lua string: everything but printable ASCII as a decimal escape.
fn lua_string(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if (byte.is_ascii_graphic() || byte == b' ') && !matches!(byte, b'"' | b'\\') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "\\{byte:03}");
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::{encode, lua_string};

    #[test]
    fn names_are_encoded_as_prosody_does() {
        assert_eq!(encode("anon.localhost"), "anon%2elocalhost");
        assert_eq!(encode("romeo-1_a"), "romeo%2d1%5fa");
        assert_eq!(encode("é"), "%c3%a9");
    }

    #[test]
    fn passwords_cannot_leave_their_string() {
        assert_eq!(lua_string("a b"), "a b");
        assert_eq!(lua_string("a\"\\\n"), "a\\034\\092\\010");
        assert_eq!(lua_string("é1"), "\\195\\1691");
    }
}
