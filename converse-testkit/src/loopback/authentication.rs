//! Who the client is (RFC 6120 §6).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jid::{BareJid, Jid, NodePart};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::sasl::{Challenge, DefinedCondition, Failure as SaslFailure, Success};
use xmpp_parsers::stream_error::DefinedCondition as StreamCondition;
use xmpp_parsers::stream_features::StreamFeatures;

use super::config::Config;
use super::connection::Stream;
use super::negotiation::{Failure, fail, read, send};
use super::registration::{self, Registration};
use super::sasl::{self, Hash, Scram, Verifier};
use super::shared::Shared;
use super::state::Account;

/// A client that has proved who it is, and what has to be said to it before the stream starts again.
pub(super) struct Authenticated {
    pub(super) account: BareJid,
    pub(super) success: Success,
}

/// The mechanisms on offer.
pub(super) fn features(config: &Config) -> StreamFeatures {
    let scram = Hash::ALL.map(|hash| hash.mechanism().to_owned());
    let mut mechanisms: std::collections::BTreeSet<String> = scram.into();
    if config.plain {
        mechanisms.insert("PLAIN".to_owned());
    }
    if config.anonymous {
        mechanisms.insert("ANONYMOUS".to_owned());
    }
    StreamFeatures {
        sasl_mechanisms: mechanisms,
        in_band_registration: config.registration != Registration::Closed,
        ..StreamFeatures::default()
    }
}

/// Lets the client try until it succeeds or has tried too often.
pub(super) async fn run<'io>(
    mut stream: Stream<'io>,
    shared: &Arc<Shared>,
) -> Result<(Authenticated, Stream<'io>), Failure> {
    for _ in 0..shared.config.limits.login_attempts {
        let mut element = read(&mut stream).await?;
        while let Some(answer) = registration::of_stranger(shared, &element) {
            send(&mut stream, &answer).await?;
            element = read(&mut stream).await?;
        }
        if !element.has_ns(ns::SASL) {
            let text = "authenticate first";
            return Err(fail(&mut stream, StreamCondition::NotAuthorized, text).await);
        }
        match attempt(&mut stream, shared, &element).await? {
            Ok(authenticated) => return Ok((authenticated, stream)),
            Err(defined_condition) => {
                let failure = SaslFailure {
                    defined_condition,
                    texts: Default::default(),
                };
                send(&mut stream, &Element::from(failure)).await?;
            }
        }
    }
    let text = "too many failed logins";
    Err(fail(&mut stream, StreamCondition::PolicyViolation, text).await)
}

type Attempt = Result<Authenticated, DefinedCondition>;

/// One exchange. The outer error ends the stream, the inner one lets the client try again.
async fn attempt(
    stream: &mut Stream<'_>,
    shared: &Arc<Shared>,
    auth: &Element,
) -> Result<Attempt, Failure> {
    if !auth.is("auth", ns::SASL) {
        return Ok(Err(match auth.name() {
            "abort" => DefinedCondition::Aborted,
            _ => DefinedCondition::MalformedRequest,
        }));
    }
    let name = auth.attr("mechanism").unwrap_or_default();
    if !features(&shared.config).sasl_mechanisms.contains(name) {
        return Ok(Err(DefinedCondition::InvalidMechanism));
    }
    let initial = match auth.text().trim() {
        "" => ask(stream, Vec::new()).await?,
        // An empty initial response is written like this (RFC 6120 §6.4.2).
        "=" => Ok(Vec::new()),
        text => BASE64
            .decode(text)
            .map_err(|_| DefinedCondition::IncorrectEncoding),
    };
    let initial = match initial {
        Ok(initial) => initial,
        Err(condition) => return Ok(Err(condition)),
    };
    match Hash::ALL.into_iter().find(|hash| hash.mechanism() == name) {
        Some(hash) => scram(stream, shared, hash, &initial).await,
        None if name == "PLAIN" => Ok(plain(shared, &initial)),
        None => Ok(anonymous(shared)),
    }
}

/// Sends a challenge and reads the answer.
async fn ask(
    stream: &mut Stream<'_>,
    data: Vec<u8>,
) -> Result<Result<Vec<u8>, DefinedCondition>, Failure> {
    send(stream, &Element::from(Challenge { data })).await?;
    let response = read(stream).await?;
    if !response.is("response", ns::SASL) {
        return Ok(Err(match response.is("abort", ns::SASL) {
            true => DefinedCondition::Aborted,
            false => DefinedCondition::MalformedRequest,
        }));
    }
    let text = response.text();
    Ok(BASE64
        .decode(text.trim())
        .map_err(|_| DefinedCondition::IncorrectEncoding))
}

async fn scram(
    stream: &mut Stream<'_>,
    shared: &Arc<Shared>,
    hash: Hash,
    initial: &[u8],
) -> Result<Attempt, Failure> {
    let first = match Scram::first(initial) {
        Ok(first) => first,
        Err(condition) => return Ok(Err(condition)),
    };
    let account = account(shared, &first.user);
    let authorized = is_own(&first.authzid, account.as_ref());
    let (verifier, known) = verifier(shared, account.as_ref(), &first.user);
    let nonce = shared.config.environment.random.stanza_id();
    let (scram, challenge) = Scram::challenge(first, hash, &verifier, &nonce);
    let proof = match ask(stream, challenge).await? {
        Ok(proof) => proof,
        Err(condition) => return Ok(Err(condition)),
    };
    Ok(match (scram.finish(&proof), account) {
        (Ok(data), Some(account)) if known => match authorized {
            true => Ok(Authenticated {
                account,
                success: Success { data },
            }),
            false => Err(DefinedCondition::InvalidAuthzid),
        },
        (Err(DefinedCondition::MalformedRequest), _) => Err(DefinedCondition::MalformedRequest),
        _ => Err(DefinedCondition::NotAuthorized),
    })
}

fn plain(shared: &Shared, message: &[u8]) -> Attempt {
    let (authzid, user, password) = sasl::plain(message)?;
    let account = account(shared, user).ok_or(DefinedCondition::NotAuthorized)?;
    let (verifier, known) = verifier(shared, Some(&account), user);
    if !verifier.accepts(password) || !known {
        return Err(DefinedCondition::NotAuthorized);
    }
    if !is_own(authzid, Some(&account)) {
        return Err(DefinedCondition::InvalidAuthzid);
    }
    Ok(Authenticated {
        account,
        success: Success { data: Vec::new() },
    })
}

/// Makes an account that nobody can log in to again (RFC 4505).
fn anonymous(shared: &Shared) -> Attempt {
    let config = &shared.config;
    let name = format!("anonymous-{}", config.environment.random.stanza_id());
    let account = account(shared, &name).ok_or(DefinedCondition::TemporaryAuthFailure)?;
    let mut state = shared.lock();
    if state.accounts.len() >= config.limits.accounts {
        return Err(DefinedCondition::TemporaryAuthFailure);
    }
    state.accounts.insert(account.clone(), Account::new(None));
    Ok(Authenticated {
        account,
        success: Success { data: Vec::new() },
    })
}

/// The account a user name stands for.
fn account(shared: &Shared, user: &str) -> Option<BareJid> {
    let node = NodePart::new(user).ok()?;
    Some(BareJid::from_parts(
        Some(&node),
        shared.config.domain.domain(),
    ))
}

/// What an account keeps of its password. Who does not exist fails as late as who has another password.
fn verifier(shared: &Shared, account: Option<&BareJid>, user: &str) -> (Arc<Verifier>, bool) {
    let state = shared.lock();
    let account = account.and_then(|account| state.accounts.get(account));
    match account.and_then(|account| account.verifier.clone()) {
        Some(verifier) => (verifier, true),
        None => (Arc::new(Verifier::decoy(&state.run, user)), false),
    }
}

/// Nobody acts for anybody else here (RFC 6120 §6.3.8).
fn is_own(authzid: &str, account: Option<&BareJid>) -> bool {
    authzid.is_empty() || Jid::new(authzid).is_ok_and(|jid| Some(&jid.to_bare()) == account)
}
