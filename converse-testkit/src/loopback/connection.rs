//! One connection from its first byte to its last.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::OptionFuture;
use futures_util::{SinkExt, StreamExt as _};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_xmpp::xmlstream::ReadError;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use super::dom::Packet;
use super::negotiation::{self, Bound, Failure, Negotiated};
use super::outbox::{End, Next, Outbox};
use super::shared::{Phase, Shared};
use super::state::{SessionId, stream_error};
use super::wire::{Metered, Received, Wire, condition};

/// How long an orderly end may take.
const GRACE: Duration = Duration::from_secs(5);

/// The XML stream of one connection.
pub(super) type Stream<'io> = tokio_xmpp::xmlstream::XmlStream<&'io mut Metered, Received>;

/// How a connection ended.
enum Ending {
    /// The client closed the stream, or was told why the server closes it.
    Closed,
    /// The network failed, or was made to.
    Lost,
}

/// Serves one client.
pub(super) async fn serve(tcp: TcpStream, shared: &Arc<Shared>) {
    // Whatever this does not help is worth no error.
    let _ = tcp.set_nodelay(true);
    let mut wire = Wire::Plain(tcp);
    loop {
        let mut io = Metered::new(wire, shared.config.limits.stanza_bytes);
        let negotiated = tokio::select! {
            () = shared.reaches(Phase::Stopping) => return,
            negotiated = negotiation::run(&mut io, shared) => negotiated,
        };
        match negotiated {
            Ok(Negotiated::Upgrade) => {}
            Ok(Negotiated::Bound(bound)) => {
                let Bound {
                    stream,
                    session,
                    connection,
                    outbox,
                } = *bound;
                let ending = talk(stream, shared, session, &outbox).await;
                if let Ending::Lost = ending {
                    // A reset instead of a close: a cut connection does not end in order.
                    let _ = io.wire().tcp().set_zero_linger();
                }
                leave(shared, session, connection, &ending);
                return match ending {
                    Ending::Closed => finish(&mut io).await,
                    Ending::Lost => {}
                };
            }
            Err(Failure::Told) => return finish(&mut io).await,
            Err(Failure::Gone) => return,
            Err(Failure::Header(error)) => return refuse(&mut io, shared, error).await,
        }
        let Some(tls) = &shared.config.tls else {
            return;
        };
        let Wire::Plain(tcp) = io.into_wire() else {
            return;
        };
        match tls.acceptor.accept(tcp).await {
            Ok(encrypted) => wire = Wire::Tls(Box::new(encrypted)),
            Err(error) => return tracing::debug!(%error, "a TLS handshake failed"),
        }
    }
}

/// Reads and writes until one side ends it.
async fn talk(
    mut stream: Stream<'_>,
    shared: &Arc<Shared>,
    session: SessionId,
    outbox: &Arc<Outbox>,
) -> Ending {
    let mut congested: Vec<Arc<Outbox>> = Vec::new();
    let mut deadline = Instant::now();
    loop {
        let held_up = !congested.is_empty();
        let relief = OptionFuture::from(held_up.then(|| relieved(shared, &congested, deadline)));
        tokio::select! {
            biased;
            next = outbox.next() => match next {
                Next::Write(packets) => {
                    if let Some(ending) = write(&mut stream, &packets, outbox).await {
                        return ending;
                    }
                }
                Next::End(End::Cut) => return Ending::Lost,
                Next::End(End::Error(error)) => return close(stream, Some(error)).await,
            },
            _ = relief, if held_up => congested.clear(),
            read = stream.next(), if !held_up => match received(read, &stream) {
                Ok(element) => {
                    let handled = shared.lock().receive(session, element);
                    shared.changed();
                    match handled {
                        Ok(queues) => {
                            congested = queues;
                            deadline = Instant::now() + shared.config.limits.patience;
                        }
                        Err(error) => return close(stream, Some(error)).await,
                    }
                }
                Err(Some(Stop::Error(error))) => return close(stream, Some(error)).await,
                Err(Some(Stop::Footer)) => return close(stream, None).await,
                Err(Some(Stop::Lost)) => return Ending::Lost,
                Err(None) => {}
            },
        }
    }
}

/// Waits until slow readers have caught up; those who do not in time are cut off.
async fn relieved(shared: &Shared, queues: &[Arc<Outbox>], deadline: Instant) {
    for queue in queues {
        let relieved = tokio::time::timeout_at(deadline, queue.relieved());
        if relieved.await.is_err() {
            let mut state = shared.lock();
            if let Some(reader) = state.reader_of(queue) {
                state.evict(reader);
                state.settle();
            }
        }
    }
}

/// Writes what waits, in one go.
async fn write(stream: &mut Stream<'_>, packets: &[Packet], outbox: &Outbox) -> Option<Ending> {
    let writing = async {
        for packet in packets {
            match stream.feed(&*packet.element).await {
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    tracing::warn!(%error, "a stanza could not be written");
                }
                other => other?,
            }
        }
        SinkExt::<&Element>::flush(stream).await
    };
    tokio::select! {
        written = writing => written.is_err().then_some(Ending::Lost),
        ending = overdue(outbox) => Some(ending),
    }
}

/// Waits until a connection that does not take what is written to it has to go.
async fn overdue(outbox: &Outbox) -> Ending {
    if let End::Error(_) = outbox.ended().await {
        tokio::time::sleep(GRACE).await;
        return Ending::Closed;
    }
    Ending::Lost
}

/// Why reading stops.
pub(super) enum Stop {
    Footer,
    Lost,
    Error(StreamError),
}

/// What was read: an element, a reason to stop, or nothing of interest.
pub(super) fn received(
    read: Option<Result<Received, ReadError>>,
    stream: &Stream<'_>,
) -> Result<Element, Option<Stop>> {
    let io: &Metered = stream.get_stream();
    match read {
        Some(Ok(Received::Element(element))) => {
            io.reset();
            Ok(element)
        }
        Some(Ok(Received::TooDeep)) => {
            let text = "the elements are too deep inside one another";
            Err(Some(Stop::Error(stream_error(
                DefinedCondition::PolicyViolation,
                text,
            ))))
        }
        Some(Err(ReadError::SoftTimeout)) => Err(None),
        Some(Err(ReadError::StreamFooterReceived)) => Err(Some(Stop::Footer)),
        Some(Err(ReadError::ParseError(error))) => {
            let error = stream_error(DefinedCondition::BadFormat, &error.to_string());
            Err(Some(Stop::Error(error)))
        }
        Some(Err(ReadError::HardError(error))) => Err(Some(match condition(&error) {
            Some(condition) => Stop::Error(stream_error(condition, &error.to_string())),
            None => Stop::Lost,
        })),
        None => Err(Some(Stop::Lost)),
    }
}

/// Ends the stream in order.
async fn close(mut stream: Stream<'_>, error: Option<StreamError>) -> Ending {
    farewell(&mut stream, error).await;
    Ending::Closed
}

/// Says why, closes the stream, and reads on until the client has closed its side.
pub(super) async fn farewell(stream: &mut Stream<'_>, error: Option<StreamError>) {
    let goodbye = async {
        if let Some(error) = error {
            stream.send(&Element::from(error)).await?;
        }
        stream.shutdown().await
    };
    let _ = tokio::time::timeout(GRACE, goodbye).await;
}

/// Takes the session out of the server, or lets it wait.
fn leave(shared: &Arc<Shared>, session: SessionId, connection: u64, ending: &Ending) {
    let mut state = shared.lock();
    match ending {
        Ending::Closed if state.owns(session, connection) => state.close(session),
        Ending::Closed => {}
        Ending::Lost => {
            if let Some(hibernation) = state.detach(session, connection) {
                Shared::expire_later(shared, &mut state, hibernation);
            }
        }
    }
    state.settle();
    drop(state);
    shared.changed();
}

/// Answers a stream header that could not be accepted (RFC 6120 §4.9.1.2).
async fn refuse(io: &mut Metered, shared: &Shared, error: DefinedCondition) {
    let id = shared.config.environment.random.stanza_id();
    let domain = shared.config.domain.as_str();
    let error = String::from(&Element::from(error));
    let text = format!(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams' id='{id}' from='{domain}' version='1.0'>\
         <stream:error>{error}</stream:error></stream:stream>"
    );
    let told = async {
        io.write_all(text.as_bytes()).await?;
        io.flush().await
    };
    if let Ok(Ok(())) = tokio::time::timeout(GRACE, told).await {
        finish(io).await;
    }
}

/// Closes the sending side and reads what is still under way: closing at once would reset the connection, and the client might
/// never see the last words.
async fn finish(io: &mut Metered) {
    let wire = async {
        // It may have been closed before.
        let _ = io.shutdown().await;
        let tcp = io.wire().tcp();
        let mut rest = [0; 4096];
        loop {
            tcp.readable().await?;
            match tcp.try_read(&mut rest) {
                Ok(0) => return io::Result::Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    };
    let _ = tokio::time::timeout(GRACE, wire).await;
}
