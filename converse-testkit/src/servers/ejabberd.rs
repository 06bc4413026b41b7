//! ejabberd: its configuration, and its accounts over its HTTP interface.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::{fs, io};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::certificates::Authority;
use super::folder::Folder;
use super::installation::Found;
use super::ports::Ports;
use super::process::Launch;
use super::server::Site;
use super::{Options, Server, ServerKind, ServerUnavailable};

const CONFIGURATION: &str = include_str!("ejabberd.yml");

/// ejabberd, <https://www.ejabberd.im>.
#[derive(Debug, Clone, Copy)]
pub struct Ejabberd;

impl Ejabberd {
    /// Starts an ejabberd and waits until it is running.
    ///
    /// # Errors
    ///
    /// [`ServerUnavailable::NotInstalled`] where it is not installed; the others when it does not
    /// start.
    pub async fn start(options: Options) -> Result<Server, ServerUnavailable> {
        let found = Found::look(ServerKind::Ejabberd, options.installation)?;
        Server::start(|ports| prepare(&options, &found, ports)).await
    }
}

fn prepare(options: &Options, found: &Found, ports: Ports) -> Result<Site, ServerUnavailable> {
    let folder = Folder::create("ejabberd")?;
    let authority = Authority::create(&folder, &options.domain, options.certificate)?;
    for name in ["db", "log", "upload", "home"] {
        folder.create_dir(name)?;
    }
    let text = configuration(options, found, ports, &folder, &authority);
    let yml = folder.write("ejabberd.yml", &text)?;
    let cfg = folder.write("ejabberdctl.cfg", &control_configuration(ports, &folder))?;
    folder.write("inetrc", "")?;
    let text_of = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let node = node(ports);
    let arguments = [
        ("--config-dir", text_of(folder.path())),
        ("--config", text_of(&yml)),
        ("--ctl-config", text_of(&cfg)),
        ("--logs", text_of(&folder.join("log"))),
        ("--spool", text_of(&folder.join("db"))),
        ("--node", node),
    ];
    let flags = arguments
        .into_iter()
        .flat_map(|(flag, value)| [flag.to_owned(), value]);
    let launch = Launch {
        program: control_script(found, &folder)?,
        arguments: flags.chain(["foreground".to_owned()]).collect(),
        environment: vec![("HOME", text_of(&folder.join("home")))],
        output: folder.join("output.log"),
    };
    let (kind, domain) = (ServerKind::Ejabberd, options.domain.clone());
    Ok(Site {
        kind,
        domain,
        ports,
        authority,
        launch,
        folder,
    })
}

fn node(ports: Ports) -> String {
    format!("converse{}@localhost", ports.distribution)
}

/// A copy of the package's own script. Debian's insists on the user `ejabberd`; without that it
/// runs as whoever calls it. An unpacked one must find its own libraries first.
fn control_script(found: &Found, folder: &Folder) -> Result<std::path::PathBuf, ServerUnavailable> {
    let original =
        fs::read_to_string(&found.program).map_err(ServerUnavailable::io(&found.program))?;
    let libraries: Vec<String> = found
        .erlang_libraries()
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let lines = original.lines().map(|line| {
        if line.starts_with("INSTALLUSER=") {
            "INSTALLUSER=".to_owned()
        } else if line.starts_with("ERL_LIBS=") && !found.root.is_empty() {
            format!("ERL_LIBS='{}'", libraries.join(":"))
        } else {
            line.to_owned()
        }
    });
    let text: Vec<String> = lines.collect();
    let script = folder.write("ejabberdctl", &format!("{}\n", text.join("\n")))?;
    fs::set_permissions(&script, Permissions::from_mode(0o755))
        .map_err(ServerUnavailable::io(&script))?;
    Ok(script)
}

/// Without `epmd`, on loopback, and without busy schedulers: other tests run beside it.
fn control_configuration(ports: Ports, folder: &Folder) -> String {
    format!(
        "ERLANG_NODE={}\nERL_DIST_PORT={}\nEJABBERD_PID_PATH={}\nERL_PROCESSES=32000\n\
         ERL_OPTIONS=\"-env ERL_CRASH_DUMP_BYTES 0 +S 2:2 +SDcpu 1:1 +SDio 2 +sbwt none \
         +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {{127,0,0,1}}\"\n",
        node(ports),
        ports.distribution,
        folder.join("ejabberd.pid").display(),
    )
}

fn configuration(
    options: &Options,
    found: &Found,
    ports: Ports,
    folder: &Folder,
    authority: &Authority,
) -> String {
    let newer = if found.has_ejabberd_module("mod_auth_fast") {
        "  mod_auth_fast: {}"
    } else {
        ""
    };
    let replacements = [
        ("@DIR@", folder.path().to_string_lossy().into_owned()),
        ("@DOMAIN@", options.domain.clone()),
        (
            "@BUNDLE@",
            authority.bundle_file.to_string_lossy().into_owned(),
        ),
        ("@CA@", authority.ca_file.to_string_lossy().into_owned()),
        ("@HIBERNATION@", options.hibernation.as_secs().to_string()),
        ("@STARTTLS@", ports.starttls.to_string()),
        ("@DIRECT_TLS@", ports.direct_tls.to_string()),
        ("@HTTP@", ports.http.to_string()),
        ("@HTTPS@", ports.https.to_string()),
        ("@PLAIN@", ports.plain.to_string()),
        ("@NEWER@", newer.to_owned()),
    ];
    replacements
        .iter()
        .fold(CONFIGURATION.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
}

/// Creates an account.
pub(super) async fn register(
    api: SocketAddr,
    host: &str,
    user: &str,
    password: &str,
) -> Result<(), ServerUnavailable> {
    let request = json!({ "user": user, "host": host, "password": password });
    let what = format!("add {user}@{host}");
    let answer = post(api, "/api/register", &request).await;
    let (status, answer) = answer.map_err(ServerUnavailable::io(what.clone()))?;
    if status == 200 {
        Ok(())
    } else {
        Err(ServerUnavailable::Refused { what, answer })
    }
}

/// Whether it says that it is up.
pub(super) async fn is_running(api: SocketAddr) -> bool {
    matches!(post(api, "/api/status", &json!({})).await, Ok((200, _)))
}

/// One HTTP request to its interface: the status and the body of the answer.
async fn post(api: SocketAddr, path: &str, body: &Value) -> io::Result<(u16, String)> {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {api}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(api).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Ok((status, body.to_owned()))
}
