//! How the server takes a client in.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::Bare;
use crate::cases::trouble::{Done, Trouble, parameters};
use crate::cases::world::{DOMAIN, PATIENCE, World};
use crate::clock::settle;
use crate::scripted::{Captures, Certificate, Fault, Rule, Until};

/// Longer than any wait between two attempts.
const NEXT_ATTEMPT: Duration = Duration::from_secs(300);

pub(super) async fn step(world: &mut World<'_>, op: &str, value: &Value) -> Done {
    match op {
        "accept_login" => accept_login(world, value).await,
        "accept_reconnect" => accept_reconnect(world, value).await,
        "scram_server" => scram(world, value).await,
        "reject_auth" => reject(world, value).await,
        "tls_handshake" => handshake(world, value).await,
        "resume_failed" => resume_failed(world, value).await,
        "server_ack" => acknowledge(world, value).await,
        "sm_preset" => preset(world, value).await,
        _ => {
            Bare::check(value)?;
            match op {
                "until_bind" => {
                    world.server.proceed_with_features(Until::Authenticated);
                    settle().await;
                    Ok(())
                }
                "finish_bind" => finish(world, "the session does not come up").await,
                "tls_handshake_or_abort" => {
                    // A client that has hung up already aborted, which is as good.
                    if world.server.is_connected() {
                        let certificate = Certificate::for_name(DOMAIN);
                        let _ = world.server.handshake(&certificate).await;
                    }
                    settle().await;
                    Ok(())
                }
                _ => {
                    world.server.plan(|plan| plan.bind_conflicts += 1);
                    finish_next(world).await
                }
            }
        }
    }
}

/// The next connection is taken online.
async fn finish_next(world: &mut World<'_>) -> Done {
    world.server.proceed(Until::Online);
    world.server.decide(Rule::Accept, NEXT_ATTEMPT).await?;
    online(world, "the session does not come up").await
}

/// The server does the rest by itself.
pub(super) async fn finish(world: &mut World<'_>, otherwise: &str) -> Done {
    world.server.proceed(Until::Online);
    online(world, otherwise).await
}

async fn online(world: &World<'_>, otherwise: &str) -> Done {
    let up = world.until(PATIENCE, || {
        world.api.connection().connected().then_some(())
    });
    up.await.ok_or_else(|| {
        let state = world.api.connection().state();
        let sent = world.server.unexpected();
        Trouble::failed(format!(
            "{otherwise} ({state}); {sent}{}",
            world.failed_calls()
        ))
    })?;
    settle().await;
    Ok(())
}

/// Lets the client in until it is online, if it is not.
pub(super) async fn come_back(world: &World<'_>) -> Done {
    settle().await;
    if !world.server.is_connected() || !world.api.connection().connected() {
        world.server.decide(Rule::Accept, NEXT_ATTEMPT).await?;
    }
    online(world, "the session does not come back").await
}

async fn accept_login(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Accept {
        #[serde(rename = "op")]
        _op: String,
        bound_jid: Option<String>,
    }
    let step: Accept = parameters(value)?;
    world.server.plan(|plan| plan.bound_jid = step.bound_jid);
    finish(world, "the session does not come up").await
}

async fn accept_reconnect(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Accept {
        #[serde(rename = "op")]
        _op: String,
        #[serde(default)]
        resume: bool,
        /// As far as this; the script does the rest.
        until: Option<String>,
        password: Option<String>,
    }
    let step: Accept = parameters(value)?;
    let until = match step.until.as_deref() {
        None => Until::Online,
        Some("sasl") => Until::Authenticated,
        Some("bind") => Until::Bound,
        Some(other) => return Err(Trouble::unsupported(format!("until `{other}`"))),
    };
    world.server.plan(|plan| {
        plan.resume = step.resume;
        plan.until = until;
        plan.refuse_auth = None;
        if let Some(password) = step.password {
            plan.password = password;
        }
    });
    world.server.decide(Rule::Accept, NEXT_ATTEMPT).await?;
    if until < Until::Online {
        settle().await;
        return Ok(());
    }
    online(world, "the session does not come back").await
}

async fn scram(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Scram {
        #[serde(rename = "op")]
        _op: String,
        fault: Option<String>,
        ssdp_list: Option<Vec<String>>,
    }
    let step: Scram = parameters(value)?;
    let fault = match (step.fault.as_deref(), step.ssdp_list) {
        (None, None) => None,
        (None, Some(list)) => Some(Fault::Announced(list)),
        (Some(text), None) => Some(fault(text)?),
        _ => return Err(Trouble::unsupported("two faults at once")),
    };
    world.server.answer_auth(fault)?;
    settle().await;
    Ok(())
}

fn fault(text: &str) -> Result<Fault, Trouble> {
    let unknown = || Trouble::unsupported(format!("the fault `{text}`"));
    Ok(match text {
        "missing salt" => Fault::MissingSalt,
        "duplicate attributes" => Fault::DuplicateAttribute,
        "extension m=" => Fault::MandatoryExtension,
        "foreign nonce" => Fault::ForeignNonce,
        "wrong server signature" => Fault::WrongSignature,
        "success without any server signature" => Fault::NoSignature,
        _ => {
            let count = text.strip_prefix("iteration count ").ok_or_else(unknown)?;
            Fault::Iterations(count.parse().map_err(|_| unknown())?)
        }
    })
}

async fn reject(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reject {
        #[serde(rename = "op")]
        _op: String,
        condition: String,
    }
    let step: Reject = parameters(value)?;
    world
        .server
        .plan(|plan| plan.refuse_auth = Some(step.condition));
    world.server.decide(Rule::Accept, NEXT_ATTEMPT).await?;
    let asked = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
    world.server.expect(asked, &mut Captures::default()).await?;
    settle().await;
    Ok(())
}

async fn handshake(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Handshake {
        #[serde(rename = "op")]
        _op: String,
        cert: String,
        sni_expected: Option<String>,
    }
    let step: Handshake = parameters(value)?;
    let certificate = certificate(&step.cert)?;
    world.server.proceed(Until::Proceed);
    if !world.server.is_connected() {
        world.server.decide(Rule::Accept, NEXT_ATTEMPT).await?;
        let asked = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
        world.server.expect(asked, &mut Captures::default()).await?;
    }
    // A client that refuses is what other steps look for.
    world.server.plan(|plan| plan.until = Until::Secured);
    let _ = world.server.handshake(&certificate).await;
    settle().await;
    let hello = world.server.hello();
    let hello = hello.ok_or_else(|| Trouble::failed("the client does not begin the handshake"))?;
    match step.sni_expected {
        Some(name) if hello.server_name.as_deref() != Some(name.as_str()) => Err(Trouble::failed(
            format!("the server name is {:?}", hello.server_name),
        )),
        _ => Ok(()),
    }
}

/// A certificate as the cases describe it: which names it has (`for X`, `names only … X`; `on target X` says where it is
/// shown, not what it names), and what is wrong with it.
fn certificate(text: &str) -> Result<Certificate, Trouble> {
    let (names, _) = text.split_once(" on target ").unwrap_or((text, ""));
    let name = names
        .split_whitespace()
        .map(|word| word.trim_matches([',', ';', '(', ')']))
        .find(|word| word.contains('.') && !word.starts_with('.'));
    let wrong = |word: &str| names.contains(word);
    let mut certificate = Certificate::for_name(name.unwrap_or(DOMAIN));
    if wrong("untrusted") || wrong("revoked") || wrong("self-signed") {
        certificate = certificate.signed_by_stranger();
    } else if wrong("expired") {
        certificate = certificate.expired();
    } else if name.is_none() {
        return Err(Trouble::unsupported(format!("the certificate `{text}`")));
    }
    Ok(certificate)
}

async fn resume_failed(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Failed {
        #[serde(rename = "op")]
        _op: String,
        h: Option<String>,
    }
    let step: Failed = parameters(value)?;
    let h = match step.h.as_deref() {
        None => String::new(),
        Some(text) => {
            let count = match text.strip_prefix("after:") {
                Some(body) => count_after(world, body)?,
                None => text
                    .parse()
                    .map_err(|_| Trouble::unsupported(format!("h `{text}`")))?,
            };
            format!(" h='{count}'")
        }
    };
    let failed = format!(
        "<failed xmlns='urn:xmpp:sm:3'{h}><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
    );
    Ok(world.server.send(&failed).await?)
}

fn count_after(world: &World<'_>, body: &str) -> Result<u32, Trouble> {
    let count = world.server.count_after(body);
    count.ok_or_else(|| Trouble::failed(format!("the server has not got the message `{body}`")))
}

async fn acknowledge(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Acknowledge {
        #[serde(rename = "op")]
        _op: String,
        of_message: String,
    }
    let step: Acknowledge = parameters(value)?;
    let count = count_after(world, &step.of_message)?;
    Ok(world.server.acknowledge(Some(count)).await?)
}

async fn preset(world: &mut World<'_>, value: &Value) -> Done {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Preset {
        #[serde(rename = "op")]
        _op: String,
        h_in: u32,
        h_out: u32,
    }
    let step: Preset = parameters(value)?;
    world.server.preset_counters(step.h_out, step.h_in);
    world
        .api
        .session()
        .preset_counters(step.h_in, step.h_out)
        .await;
    settle().await;
    Ok(())
}
