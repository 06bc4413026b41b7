//! From the first stream header to a bound or resumed session (RFC 6120 §4 to §7).

use std::io;
use std::sync::Arc;

use futures_util::StreamExt as _;
use jid::BareJid;
use tokio_xmpp::xmlstream::{AcceptedStream, StreamHeader, Timeouts, accept_stream};
use xmpp_parsers::bind::{BindFeature, BindQuery, BindResponse};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::sm::{Nonza, StreamManagement};
use xmpp_parsers::stanza_error::DefinedCondition as StanzaCondition;
use xmpp_parsers::starttls::{Proceed, StartTls};
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};
use xmpp_parsers::stream_features::StreamFeatures;

use super::authentication::{self, Authenticated};
use super::connection::{Stop, Stream, farewell, received};
use super::dom::{Dom, Packet, error, result};
use super::iq::SESSION;
use super::outbox::Outbox;
use super::shared::Shared;
use super::sm::{Resumption, failed};
use super::state::{SessionId, stream_error};
use super::wire::{Metered, Wire, condition};

/// What came out of a negotiation.
pub(super) enum Negotiated<'io> {
    /// The client wants TLS and was told to go ahead.
    Upgrade,
    /// A session goes on over this stream.
    Bound(Box<Bound<'io>>),
}

/// A session and the way to it.
pub(super) struct Bound<'io> {
    pub(super) stream: Stream<'io>,
    pub(super) session: SessionId,
    pub(super) connection: u64,
    pub(super) outbox: Arc<Outbox>,
}

/// Why nothing came out of it.
pub(super) enum Failure {
    /// The client knows why, or closed the stream itself.
    Told,
    /// There is nobody to tell.
    Gone,
    /// The stream header was wrong, and no stream was opened that could say so.
    Header(DefinedCondition),
}

type Accepted<'io> = AcceptedStream<&'io mut Metered>;

/// Timeouts are the clients' business: a server for tests lets them be as silent as they like.
fn timeouts() -> Timeouts {
    let ever = std::time::Duration::from_secs(365 * 24 * 3600);
    Timeouts {
        read_timeout: ever,
        response_timeout: ever,
    }
}

/// Negotiates with a client that has just connected, or has just encrypted its connection.
pub(super) async fn run<'io>(
    io: &'io mut Metered,
    shared: &Arc<Shared>,
) -> Result<Negotiated<'io>, Failure> {
    let encrypted = matches!(io.wire(), Wire::Tls(_));
    let accepted = accept_stream(io, ns::JABBER_CLIENT, timeouts())
        .await
        .map_err(header)?;
    if shared.config.tls.is_some() && !encrypted {
        let features = StreamFeatures {
            starttls: Some(StartTls { required: true }),
            ..StreamFeatures::default()
        };
        let stream = open(accepted, shared, &features).await?;
        return starttls(stream).await;
    }
    let stream = open(accepted, shared, &authentication::features(&shared.config)).await?;
    let (Authenticated { account, success }, stream) = authentication::run(stream, shared).await?;
    let accepted = stream.accept_reset(&success).await.map_err(header)?;
    let stream = open(accepted, shared, &features()).await?;
    bind(stream, shared, account).await
}

/// What an authenticated client can do next.
fn features() -> StreamFeatures {
    let session = Element::bare("session", SESSION).holding(Element::bare("optional", SESSION));
    StreamFeatures {
        bind: Some(BindFeature { required: false }),
        stream_management: Some(StreamManagement { optional: false }),
        others: vec![
            Element::bare("ver", "urn:xmpp:features:rosterver"),
            Element::bare("sub", "urn:xmpp:features:pre-approval"),
            Element::bare("csi", ns::CSI),
            session,
        ],
        ..StreamFeatures::default()
    }
}

/// Answers a stream header.
async fn open<'io>(
    mut accepted: Accepted<'io>,
    shared: &Arc<Shared>,
    features: &StreamFeatures,
) -> Result<Stream<'io>, Failure> {
    let to = accepted.take_header().to;
    let header = StreamHeader {
        from: Some(shared.config.domain.as_str().into()),
        to: None,
        id: Some(shared.config.environment.random.stanza_id().into()),
    };
    let pending = accepted
        .send_header(header)
        .await
        .map_err(|_| Failure::Gone)?;
    let host = to.is_none_or(|to| BareJid::new(&to).is_ok_and(|to| to == shared.config.domain));
    if !host {
        let error = stream_error(
            DefinedCondition::HostUnknown,
            "this server has another name",
        );
        pending
            .send_error(&error)
            .await
            .map_err(|_| Failure::Gone)?;
        return Err(Failure::Told);
    }
    pending
        .send_features(features)
        .await
        .map_err(|_| Failure::Gone)
}

/// Waits for the one thing that makes sense before the connection is encrypted (RFC 6120 §5).
async fn starttls(mut stream: Stream<'_>) -> Result<Negotiated<'_>, Failure> {
    let element = read(&mut stream).await?;
    if !element.is("starttls", ns::TLS) {
        let text = "encrypt the connection first";
        return Err(fail(&mut stream, DefinedCondition::NotAuthorized, text).await);
    }
    futures_util::SinkExt::send(&mut stream, &Element::from(Proceed))
        .await
        .map_err(|_| Failure::Gone)?;
    Ok(Negotiated::Upgrade)
}

/// Waits until the authenticated client binds a resource or resumes a session.
async fn bind<'io>(
    mut stream: Stream<'io>,
    shared: &Arc<Shared>,
    account: BareJid,
) -> Result<Negotiated<'io>, Failure> {
    let connection = shared.lock().next_id();
    loop {
        let element = read(&mut stream).await?;
        let answer = match request(&element) {
            Request::Bind(asked) => {
                let outbox = Arc::new(Outbox::new(&shared.config.limits, Vec::new()));
                let mut state = shared.lock();
                let way = Arc::clone(&outbox);
                match state.bind(&account, asked.as_deref(), connection, way) {
                    Ok((session, jid)) => {
                        let response = Element::from(BindResponse { jid });
                        state.push(session, Packet::new(result(&element).holding(response)));
                        state.settle();
                        drop(state);
                        shared.changed();
                        let bound = Box::new(Bound {
                            stream,
                            session,
                            connection,
                            outbox,
                        });
                        return Ok(Negotiated::Bound(bound));
                    }
                    Err(condition) => error(&element, condition),
                }
            }
            Request::Resume(resume) => {
                let resumption = shared.lock().resume(&account, connection, &resume);
                shared.changed();
                match resumption {
                    Resumption::Resumed(session, outbox) => {
                        let bound = Box::new(Bound {
                            stream,
                            session,
                            connection,
                            outbox,
                        });
                        return Ok(Negotiated::Bound(bound));
                    }
                    Resumption::Refused(refusal) => Some(Element::from(refusal)),
                    Resumption::Broken(error) => return Err(tell(&mut stream, error).await),
                }
            }
            Request::Refused(answer) => Some(answer),
            Request::Unauthorized => {
                let text = "bind a resource first";
                return Err(fail(&mut stream, DefinedCondition::NotAuthorized, text).await);
            }
        };
        if let Some(answer) = answer {
            send(&mut stream, &answer).await?;
        }
    }
}

/// What an authenticated client without a session asks for.
enum Request {
    Bind(Option<String>),
    Resume(xmpp_parsers::sm::Resume),
    Refused(Element),
    Unauthorized,
}

fn request(element: &Element) -> Request {
    if element.has_ns(ns::SM) {
        return match Nonza::try_from(element.clone()) {
            Ok(Nonza::Resume(resume)) => Request::Resume(resume),
            // There is nothing to manage yet (XEP-0198 §3).
            _ => Request::Refused(failed(None, StanzaCondition::UnexpectedRequest).into()),
        };
    }
    let payload = element.get_child("bind", ns::BIND);
    match payload {
        Some(payload) if element.is_stanza("iq") && element.kind() == Some("set") => {
            match BindQuery::try_from(payload.clone()) {
                Ok(query) => Request::Bind(query.resource),
                Err(_) => match error(element, StanzaCondition::BadRequest) {
                    Some(answer) => Request::Refused(answer),
                    None => Request::Unauthorized,
                },
            }
        }
        _ => Request::Unauthorized,
    }
}

/// Reads one element; whatever else comes ends the stream.
pub(super) async fn read(stream: &mut Stream<'_>) -> Result<Element, Failure> {
    loop {
        let read = stream.next().await;
        match received(read, stream) {
            Ok(element) => return Ok(element),
            Err(Some(Stop::Error(error))) => return Err(tell(stream, error).await),
            Err(Some(Stop::Footer)) => {
                farewell(stream, None).await;
                return Err(Failure::Told);
            }
            Err(Some(Stop::Lost)) => return Err(Failure::Gone),
            Err(None) => {}
        }
    }
}

pub(super) async fn send(stream: &mut Stream<'_>, element: &Element) -> Result<(), Failure> {
    futures_util::SinkExt::send(stream, element)
        .await
        .map_err(|_| Failure::Gone)
}

/// Ends a stream with an error.
pub(super) async fn fail(stream: &mut Stream<'_>, why: DefinedCondition, text: &str) -> Failure {
    tell(stream, stream_error(why, text)).await
}

async fn tell(stream: &mut Stream<'_>, error: StreamError) -> Failure {
    farewell(stream, Some(error)).await;
    Failure::Told
}

fn header(error: io::Error) -> Failure {
    condition(&error).map_or(Failure::Gone, Failure::Header)
}
