//! The session's view of the settings, read anew for each attempt so that changes take effect.

use std::time::Duration;

use jid::Jid;

use crate::error::{Error, ErrorKind};
use crate::sasl::{Mechanism, Policy};
use crate::session::login::{Authentication, Login};
use crate::settings::{Settings, keys};
use crate::transport::{Security, Target, TlsSettings};
use crate::xml::Limits;

/// How long the server may take from the open connection to the bound resource.
const NEGOTIATION: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) login_timeout: Duration,
    pub(crate) negotiation_timeout: Duration,
    pub(crate) reconnect_min: Duration,
    pub(crate) reconnect_max: Duration,
    pub(crate) stream_management: bool,
    pub(crate) resource: Option<String>,
    mechanisms: Option<Vec<Mechanism>>,
    allow_weaker: bool,
    server: Option<String>,
    security: Security,
    tls: TlsSettings,
    connect_timeout: Duration,
    limits: Limits,
}

impl Config {
    pub(crate) fn read(settings: &Settings) -> Result<Self, Error> {
        let seconds = |value: u64| Duration::from_secs(value);
        Ok(Self {
            login_timeout: seconds(settings.read(&keys::LOGIN_TIMEOUT)?),
            negotiation_timeout: NEGOTIATION,
            reconnect_min: Duration::from_millis(settings.read(&keys::RECONNECT_MIN)?),
            reconnect_max: Duration::from_millis(settings.read(&keys::RECONNECT_MAX)?),
            stream_management: settings.read(&keys::STREAM_MANAGEMENT)?,
            resource: settings
                .read(&keys::RESOURCE)?
                .filter(|resource| !resource.is_empty()),
            mechanisms: mechanisms(settings.read(&keys::SASL_MECHANISMS)?)?,
            allow_weaker: settings.read(&keys::ALLOW_WEAKER_SASL)?,
            server: server(settings)?,
            security: security(&settings.read(&keys::SECURITY)?),
            tls: tls(settings)?,
            connect_timeout: seconds(settings.read(&keys::CONNECT_TIMEOUT)?),
            limits: Limits::default()
                .with_max_element_bytes(settings.read(&keys::MAX_ELEMENT_BYTES)?)
                .with_max_depth(settings.read(&keys::MAX_DEPTH)?),
        })
    }

    /// How long the server may be silent before it is pinged; zero for ever.
    pub(crate) fn ping_interval(settings: &Settings) -> Duration {
        let seconds = settings.read(&keys::PING_INTERVAL).unwrap_or(0);
        Duration::from_secs(seconds.try_into().unwrap_or(0))
    }

    pub(crate) fn sasl_policy(&self, last: Option<Mechanism>) -> Policy {
        let mut policy = Policy::default();
        policy.allow.clone_from(&self.mechanisms);
        policy.at_least = last;
        policy.allow_weaker = self.allow_weaker;
        policy
    }

    /// Where to connect for `login`; a server's redirect wins over the setting, and neither over the certificate check.
    pub(crate) fn target(&self, login: &Login, redirect: Option<&str>) -> Result<Target, Error> {
        self.target_at(login.jid.domain().as_str(), redirect)
    }

    /// Where to connect for a domain.
    pub(crate) fn target_at(&self, domain: &str, redirect: Option<&str>) -> Result<Target, Error> {
        let mut target = Target::new(domain);
        target.security = self.security;
        target.tls = self.tls.clone();
        target.limits = self.limits;
        target.deadlines.candidate = self.connect_timeout;
        if let Some(host) = redirect.or(self.server.as_deref()) {
            target = target.redirected(host)?;
        }
        Ok(target)
    }
}

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}

fn server(settings: &Settings) -> Result<Option<String>, Error> {
    let server = settings.read(&keys::SERVER)?;
    let Some(server) = server.filter(|server| !server.is_empty()) else {
        return Ok(None);
    };
    match Target::new("localhost").redirected(&server) {
        Ok(_) => Ok(Some(server)),
        Err(error) => Err(config(
            "server: write `host` or `host:port`, with an IPv6 address in brackets",
        )
        .with_source(error)),
    }
}

fn mechanisms(names: Vec<String>) -> Result<Option<Vec<Mechanism>>, Error> {
    if names.is_empty() {
        return Ok(None);
    }
    names
        .iter()
        .map(|name| {
            Mechanism::from_name(name).ok_or_else(|| {
                let known: Vec<_> = Mechanism::all().map(Mechanism::name).collect();
                config(format!(
                    "sasl_mechanisms: `{name}` is unknown; known are {}",
                    known.join(", ")
                ))
            })
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

fn security(name: &str) -> Security {
    match name {
        "starttls" => Security::StartTls,
        "direct_tls" => Security::DirectTls,
        "plaintext_loopback" => Security::PlaintextLoopback,
        _ => Security::Either,
    }
}

fn tls(settings: &Settings) -> Result<TlsSettings, Error> {
    let read = |key: &str, path: &str| {
        std::fs::read(path)
            .map_err(|error| config(format!("{key}: cannot read `{path}`")).with_source(error))
    };
    let mut roots = Vec::new();
    for path in settings.read(&keys::TLS_ROOTS)? {
        roots.extend(read("tls_roots", &path)?);
        roots.push(b'\n');
    }
    let mut tls = TlsSettings::default();
    if !roots.is_empty() {
        tls = tls.with_extra_roots(&roots)?;
    }
    match (
        settings.read(&keys::TLS_CLIENT_CERTIFICATE)?,
        settings.read(&keys::TLS_CLIENT_KEY)?,
    ) {
        (Some(chain), Some(key)) => {
            let chain = read("tls_client_certificate", &chain)?;
            Ok(tls.with_client_certificate(&chain, &read("tls_client_key", &key)?)?)
        }
        (None, None) => Ok(tls),
        _ => Err(config(
            "tls_client_certificate and tls_client_key belong together: set both or neither",
        )),
    }
}

/// Whether a session is possible with these settings, as far as that can be known without a login.
///
/// # Errors
///
/// [`ErrorKind::Config`] naming the setting that contradicts another, or the file that cannot be read.
pub(crate) fn check(settings: &Settings) -> Result<(), Error> {
    Config::read(settings).map(drop)
}

impl Login {
    /// The login that the settings describe, with what `login` was given on top.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] naming the setting that is missing or wrong.
    pub fn from_settings(
        settings: &Settings,
        jid: Option<&str>,
        password: Option<crate::settings::Secret>,
    ) -> Result<Self, Error> {
        let authentication = settings.read(&keys::AUTHENTICATION)?;
        let prebind = settings.read(&keys::PREBIND)?;
        if authentication == "prebind" || prebind {
            return Err(config(
                "authentication = \"prebind\" needs the BOSH transport, which this build does not have",
            ));
        }
        let given = jid.map(ToOwned::to_owned);
        let from_settings = given.is_none();
        let text = match given {
            Some(jid) => Some(jid),
            None => settings.read(&keys::JID)?,
        };
        if from_settings && settings.read(&keys::CREDENTIALS_URL)?.is_some() {
            return Err(config(
                "credentials_url needs the web transports, which this build does not have; give jid and password to login",
            ));
        }
        let Some(text) = text else {
            return Err(config(match authentication.as_str() {
                "anonymous" => {
                    "authentication = \"anonymous\" needs the setting `jid`: the server's domain"
                }
                _ => "login needs `jid` and `password`, in the call or in the settings",
            }));
        };
        let jid = complete(settings, &text)?;
        let authentication = match authentication.as_str() {
            "anonymous" => Authentication::Anonymous,
            "external" => Authentication::External,
            _ => {
                let password = match password {
                    Some(password) => Some(password),
                    None => settings.read(&keys::PASSWORD)?,
                };
                Authentication::Password(password.ok_or_else(|| {
                    config("login needs `password`, in the call or in the settings")
                })?)
            }
        };
        if authentication != Authentication::Anonymous && jid.node().is_none() {
            return Err(config(format!(
                "login: `{jid}` has no user name; write user@{}",
                jid.domain()
            )));
        }
        Ok(Self {
            jid,
            authentication,
        })
    }
}

/// Adds the domain that the settings prescribe, and refuses any other.
fn complete(settings: &Settings, text: &str) -> Result<Jid, Error> {
    let locked = settings
        .read(&keys::LOCKED_DOMAIN)?
        .filter(|domain| !domain.is_empty());
    let default = settings
        .read(&keys::DEFAULT_DOMAIN)?
        .filter(|domain| !domain.is_empty());
    let anonymous = settings.read(&keys::AUTHENTICATION)? == "anonymous";
    // An `@` behind the slash belongs to the resource (RFC 7622 §3.1).
    let (account, resource) = text.split_at(text.find('/').unwrap_or(text.len()));
    let text = match (
        account.contains('@') || anonymous,
        locked.as_ref().or(default.as_ref()),
    ) {
        (false, Some(domain)) => format!("{account}@{domain}{resource}"),
        _ => text.to_owned(),
    };
    let jid = Jid::new(&text).map_err(|error| {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("login: `{}` is not a JID", text.escape_debug()),
        )
        .with_source(error)
    })?;
    let is_domain = |domain: &str| Jid::new(domain).is_ok_and(|own| own.domain() == jid.domain());
    match locked {
        Some(domain) if !is_domain(&domain) => Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("login: only accounts of `{domain}` may log in here (setting `locked_domain`)"),
        )),
        _ => Ok(jid),
    }
}
