//! Who logs in, where, and how the stream is secured.

use serde_json::Value;

use super::{CORE, Section};
use crate::settings::declaration::{Declaration, Values};
use crate::settings::kind::Kind;

const MIB: i64 = 1024 * 1024;

pub(super) fn section() -> Section {
    let about = "Who logs in, where, and how the stream is secured.";
    let all = account()
        .into_iter()
        .chain(server())
        .chain(stream())
        .chain(bosh());
    Section::new("Connection", CORE, about, all)
}

fn account() -> Vec<Declaration> {
    vec![
        Declaration::choice(
            "authentication",
            &["login", "anonymous", "external", "prebind"],
            "login",
            "How to log in: with `jid` and `password`, anonymously, with a client certificate, \
             or in a BOSH session made elsewhere.",
        ),
        Declaration::optional_text(
            "jid",
            "The account, `user@domain` with an optional resource; for `anonymous` the domain.",
        ),
        Declaration::secret("password", "The account's password."),
        Declaration::optional_text(
            "resource",
            "The resource to ask for if `jid` has none; without either a random one.",
        ),
        Declaration::bool(
            "auto_login",
            false,
            "Log in as soon as the plugins are initialised.",
        )
        .derived(has_credentials, "`true` if `jid` and `password` are given"),
        Declaration::secret(
            "credentials_url",
            "Where to fetch `jid` and `password` from before each login; an answer is a JSON \
             object.",
        ),
        Declaration::optional_text("default_domain", "The domain of a `jid` that has none."),
        Declaration::optional_text(
            "locked_domain",
            "The domain of a `jid` that has none; other domains are refused.",
        ),
        Declaration::texts(
            "sasl_mechanisms",
            "The only SASL mechanisms to use; empty allows all that are safe.",
        ),
        Declaration::bool(
            "allow_weaker_sasl",
            false,
            "Accept a weaker mechanism than the last login to the same server used.",
        ),
    ]
}

fn has_credentials(values: &Values) -> Value {
    let given = |key| {
        values
            .get(key)
            .is_some_and(|value: &Value| !value.is_null())
    };
    Value::from(given("jid") && given("password"))
}

fn server() -> Vec<Declaration> {
    vec![
        Declaration::optional_text(
            "server",
            "`host:port` to connect to instead of what DNS says about the domain; the port may \
             be left out.",
        ),
        Declaration::choice(
            "security",
            &["either", "starttls", "direct_tls", "plaintext_loopback"],
            "either",
            "STARTTLS, TLS from the first byte, or whichever DNS offers first; plain text only \
             ever to the same machine.",
        ),
        Declaration::texts(
            "tls_roots",
            "PEM files with certificate authorities to trust besides the system's.",
        ),
        Declaration::optional_text(
            "tls_client_certificate",
            "PEM file with the certificate chain to show to the server.",
        ),
        Declaration::optional_text(
            "tls_client_key",
            "PEM file with the private key of `tls_client_certificate`.",
        ),
        Declaration::integer(
            "connect_timeout",
            15,
            1..,
            "Seconds until an attempt to reach one address is given up.",
        ),
        Declaration::integer(
            "login_timeout",
            60,
            1..,
            "Seconds that a login waits for its session; with `auto_reconnect` the attempts go on \
             after that.",
        ),
        Declaration::new(
            "connection_options",
            Kind::OpenMap,
            Value::Object(serde_json::Map::new()),
            "Options for the transport; `mechanisms` is read like `sasl_mechanisms`.",
        ),
    ]
}

fn stream() -> Vec<Declaration> {
    vec![
        Declaration::integer(
            "iq_timeout",
            30,
            1..,
            "Seconds until a request without an answer fails.",
        ),
        Declaration::integer(
            "max_element_bytes",
            10 * MIB,
            10_000..,
            "Bytes of the largest stanza that is read; a larger one ends the stream.",
        ),
        Declaration::integer(
            "max_depth",
            64,
            8..=1024,
            "Levels of nesting in a stanza; a deeper one ends the stream.",
        ),
        Declaration::integer(
            "inbox_capacity",
            1024,
            1..=1_000_000,
            "Events a plugin may fall behind before reading from the server waits for it.",
        ),
        Declaration::integer(
            "csi_waiting_time",
            0,
            ..,
            "Seconds without activity until the server is told that the client is inactive \
             (XEP-0352); 0 or less for never.",
        ),
    ]
}

fn bosh() -> Vec<Declaration> {
    vec![
        Declaration::optional_text(
            "bosh_service_url",
            "URL of a BOSH service (XEP-0124); used by a build that has that transport.",
        ),
        Declaration::optional_text(
            "websocket_url",
            "URL of a WebSocket service (RFC 7395); used by a build that has that transport.",
        ),
        Declaration::secret(
            "prebind_url",
            "Where to fetch `jid`, `rid` and `sid` of a BOSH session made elsewhere.",
        ),
        Declaration::bool(
            "prebind",
            false,
            "Old spelling of `authentication = \"prebind\"`.",
        ),
        Declaration::new(
            "rid",
            Kind::Optional(&Kind::Either(&[Kind::INTEGER, Kind::Secret])),
            Value::Null,
            "Request id of the BOSH session to attach to.",
        ),
        Declaration::secret("sid", "Session id of the BOSH session to attach to."),
        Declaration::bool(
            "expose_rid_and_sid",
            false,
            "Let `tokens().get` give the ids of the BOSH session.",
        ),
        Declaration::bool(
            "allow_registration",
            true,
            "Allow an account to be registered (XEP-0077).",
        ),
        Declaration::text(
            "registration_domain",
            "",
            "The server to register an account with, when the call names none.",
        ),
        Declaration::bool(
            "debug",
            false,
            "Log what is sent and received, without secrets.",
        ),
        Declaration::bool(
            "strict_settings",
            true,
            "Refuse unknown settings; otherwise they are logged and ignored.",
        ),
    ]
}
