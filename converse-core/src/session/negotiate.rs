//! From an open connection to a session that can carry stanzas: authentication, then resumption or a resource and stream management.

use std::time::Duration;

use jid::Jid;

use crate::env::RandomSource;
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::sasl::{self, ChannelBindings, Mechanism, Offer, Policy, Protection, SaslError, Step};
use crate::session::failure::Failure;
use crate::session::login::Login;
use crate::session::sm::{Granted, StreamManagement};
use crate::session::state::Terminal;
use crate::session::stream::{Stream, unexpected};
use crate::transport::OpenHeader;
use crate::xml::{Element, ElementRef};

/// Logs in (RFC 6120 §6.4) and says with which mechanism.
pub(crate) async fn authenticate(
    stream: &mut Stream,
    features: &Element,
    login: &Login,
    bindings: Option<&ChannelBindings>,
    policy: &Policy,
    random: &dyn RandomSource,
) -> Result<Mechanism, Failure> {
    let offer = read_offer(features.view());
    let protection = bindings.map_or(Protection::PlaintextLoopback, Protection::Tls);
    let mut exchange = sasl::select(&offer, &login.credentials(), protection, policy, random)?;
    let initial = sasl::encode_payload(&exchange.initial());
    stream.send(&sasl_xml(
        "auth",
        Some(exchange.mechanism().name()),
        &initial,
    )?);
    loop {
        let element = stream.element().await?;
        let root = element.view();
        if root.ns() != ns::SASL {
            return Err(unexpected(&element));
        }
        match root.name() {
            "challenge" => {
                let step = sasl::decode_payload(&root.text())
                    .and_then(|challenge| exchange.challenge(&challenge));
                let response = match step {
                    Ok(Step::Respond(response)) => Ok(response),
                    Ok(Step::Derive(derivation)) => {
                        let key = if derivation.is_heavy() {
                            tokio::task::spawn_blocking(|| derivation.run())
                                .await
                                .map_err(|_| {
                                    Failure::retry(
                                        ErrorKind::Timeout,
                                        "the key derivation was cancelled",
                                    )
                                })?
                        } else {
                            derivation.run()
                        };
                        exchange.derived(&key)
                    }
                    Err(error) => Err(error),
                };
                match response {
                    Ok(response) => {
                        stream.send(&sasl_xml(
                            "response",
                            None,
                            &sasl::encode_payload(&response),
                        )?);
                    }
                    Err(error) => {
                        // The server gets to know that we gave up (RFC 6120 §6.4.4).
                        stream.send(&sasl_xml("abort", None, "")?);
                        return Err(error.into());
                    }
                }
            }
            "success" => {
                let text = root.text();
                let payload = if text.trim().is_empty() {
                    None
                } else {
                    Some(sasl::decode_payload(&text)?)
                };
                exchange.success(payload.as_deref())?;
                return Ok(exchange.mechanism());
            }
            "failure" => return Err(refused(root)),
            _ => return Err(unexpected(&element)),
        }
    }
}

fn refused(failure: ElementRef<'_>) -> Failure {
    let condition = failure
        .children()
        .find(|child| child.ns() == ns::SASL && child.name() != "text")
        .map_or("not-authorized", |child| child.name());
    let text = failure.child("text", ns::SASL).map(|text| text.text());
    let error = SaslError::refused(condition, text.as_deref());
    if error.is_temporary() {
        Failure::Retry(error.into())
    } else {
        error.into()
    }
}

fn read_offer(features: ElementRef<'_>) -> Offer {
    let names = |parent: Option<ElementRef<'_>>, child: &str| -> Vec<String> {
        parent
            .into_iter()
            .flat_map(|parent| parent.children())
            .filter(|element| element.name() == child)
            .map(|element| element.text().trim().to_owned())
            .collect()
    };
    let mechanisms = features.child("mechanisms", ns::SASL);
    let offer = Offer::new(names(mechanisms, "mechanism"));
    match features.child("sasl-channel-binding", ns::SASL_CHANNEL_BINDING) {
        None => offer,
        Some(list) => offer.with_channel_bindings(
            list.children()
                .filter(|child| child.name() == "channel-binding")
                .filter_map(|child| child.attr("type").map(std::borrow::Cow::into_owned)),
        ),
    }
}

fn sasl_xml(name: &'static str, mechanism: Option<&str>, payload: &str) -> Result<String, Failure> {
    let element = Element::builder(name, ns::SASL)
        .attr_opt("mechanism", mechanism)
        .text(payload)
        .build();
    Ok(element
        .map_err(|error| Failure::Retry(error.into()))?
        .to_stream_xml())
}

/// The header that opens the stream after TLS; `from` helps servers choose what to offer (RFC 6120 §4.7.1).
pub(crate) fn header(login: &Login, secured: bool) -> OpenHeader {
    let header = OpenHeader::new(login.jid.domain().as_str());
    match login.account() {
        Some(account) if secured => header.from(account.as_str()),
        _ => header,
    }
}

/// What came of asking to resume.
pub(crate) enum Resumption {
    /// The session goes on; the server handled so many of our stanzas.
    Resumed { handled: u32 },
    /// It does not; the server may still say how many it handled (XEP-0198 §5).
    Refused { handled: Option<u32> },
}

/// Asks to take up the session that was cut (XEP-0198 §5).
pub(crate) async fn resume(
    stream: &mut Stream,
    id: &str,
    received: u32,
) -> Result<Resumption, Failure> {
    let request = Element::builder("resume", ns::SM)
        .attr("h", received.to_string())
        .attr("previd", id)
        .build()
        .map_err(|error| Failure::Retry(error.into()))?;
    stream.send(&request.to_stream_xml());
    let element = stream.element().await?;
    let root = element.view();
    let handled = root.attr("h").and_then(|h| h.parse().ok());
    if root.is("resumed", ns::SM) && root.attr("previd").as_deref() == Some(id) {
        match handled {
            Some(handled) => Ok(Resumption::Resumed { handled }),
            None => Err(Failure::protocol(
                "the server resumed the session without a count",
            )),
        }
    } else if root.is("failed", ns::SM) {
        Ok(Resumption::Refused { handled })
    } else {
        Err(unexpected(&element))
    }
}

/// Asks for a resource (RFC 6120 §7) and returns the full JID that the server chose.
pub(crate) async fn bind(
    stream: &mut Stream,
    features: &Element,
    login: &Login,
    resource: &str,
    random: &dyn RandomSource,
) -> Result<Jid, Failure> {
    if features.view().child("bind", ns::BIND).is_none() {
        return Err(Failure::protocol("the server offers no resource binding"));
    }
    let mut resource = resource.to_owned();
    let mut conflicts = 0;
    loop {
        let id = random.stanza_id();
        let request = Element::builder("iq", ns::CLIENT)
            .attr("type", "set")
            .attr("id", &id)
            .child(
                Element::builder("bind", ns::BIND)
                    .child(Element::builder("resource", ns::BIND).text(&resource)),
            );
        stream.send(
            &request
                .build()
                .map_err(|error| config(error.into()))?
                .to_stream_xml(),
        );
        let answer = answer_to(stream, &id).await?;
        let root = answer.view();
        if root.attr("type").as_deref() == Some("result") {
            return bound_jid(root, login);
        }
        let error = crate::router::StanzaError::of(root);
        // A ghost of ours may hold the resource (RFC 6120 §7.7.2.2): another name is as good.
        if error.condition != crate::router::Condition::Conflict || conflicts == 3 {
            return Err(Failure::Retry(
                Error::new(
                    ErrorKind::ConnectFailed,
                    "the server refused to bind a resource",
                )
                .with_source(error),
            ));
        }
        conflicts += 1;
        resource = random_resource(random);
    }
}

/// A resource that says what it belongs to and that nobody can guess.
pub(crate) fn random_resource(random: &dyn RandomSource) -> String {
    let id: String = random.stanza_id().chars().take(12).collect();
    format!("converse-{id}")
}

fn config(error: Error) -> Failure {
    Failure::Terminal(Terminal::Config, error)
}

pub(crate) async fn answer_to(stream: &mut Stream, id: &str) -> Result<Element, Failure> {
    loop {
        let element = stream.element().await?;
        let root = element.view();
        if root.is("iq", ns::CLIENT) && root.attr("id").as_deref() == Some(id) {
            return Ok(element);
        }
        if root.ns() == ns::CLIENT {
            stream.keep(element)?;
        } else {
            tracing::debug!(
                name = root.name(),
                "an element came while an answer was awaited"
            );
        }
    }
}

fn bound_jid(answer: ElementRef<'_>, login: &Login) -> Result<Jid, Failure> {
    let text = answer
        .child("bind", ns::BIND)
        .and_then(|bind| bind.child("jid", ns::BIND))
        .map(|jid| jid.text().trim().to_owned())
        .unwrap_or_default();
    let jid = Jid::new(&text).ok().filter(|jid| jid.resource().is_some());
    let Some(jid) = jid else {
        return Err(Failure::protocol(
            "the server bound something that is not a full JID",
        ));
    };
    // The account may be mapped to another name of the same domain, never to another domain (RFC 6120 §7.6).
    if jid.domain() != login.jid.domain() || jid.node().is_none() {
        return Err(Failure::Terminal(
            Terminal::Refused,
            Error::new(
                ErrorKind::Protocol,
                "the server bound an address of another domain",
            ),
        ));
    }
    Ok(jid)
}

/// RFC 3921 §3: old servers insist on it unless they say `<optional/>`.
pub(crate) async fn establish_session(
    stream: &mut Stream,
    features: &Element,
    random: &dyn RandomSource,
) -> Result<(), Failure> {
    let Some(session) = features.view().child("session", ns::SESSION) else {
        return Ok(());
    };
    if session.child("optional", ns::SESSION).is_some() {
        return Ok(());
    }
    let id = random.stanza_id();
    let request = Element::builder("iq", ns::CLIENT)
        .attr("type", "set")
        .attr("id", &id)
        .child(Element::builder("session", ns::SESSION));
    stream.send(
        &request
            .build()
            .map_err(|error| config(error.into()))?
            .to_stream_xml(),
    );
    // Whatever the answer is, the resource is bound.
    answer_to(stream, &id).await.map(drop)
}

/// Enables stream management where it is offered (XEP-0198 §3).
pub(crate) async fn enable(
    stream: &mut Stream,
    features: &Element,
    sm: &mut StreamManagement,
) -> Result<(), Failure> {
    if features.view().child("sm", ns::SM).is_none() {
        return Ok(());
    }
    stream.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    loop {
        let element = stream.element().await?;
        let root = element.view();
        if root.is("enabled", ns::SM) {
            let resumable = matches!(root.attr("resume").as_deref(), Some("true" | "1"));
            let bounded = |name| {
                root.attr(name)
                    .filter(|text| text.len() <= 4000)
                    .map(std::borrow::Cow::into_owned)
            };
            sm.enable(Granted {
                id: bounded("id").filter(|_| resumable),
                location: bounded("location"),
                max: root
                    .attr("max")
                    .and_then(|max| max.trim().parse().ok())
                    .map(Duration::from_secs),
            });
            return Ok(());
        }
        if root.is("failed", ns::SM) {
            return Ok(());
        }
        if root.ns() == ns::CLIENT {
            stream.keep(element)?;
            continue;
        }
        return Err(unexpected(&element));
    }
}
