//! STARTTLS (RFC 6120 §5): the only words that are ever sent in plain text.

use super::{
    ByteStream, OpenHeader, StreamError, StreamTransport, Target, Transport, TransportError,
};
use crate::ns;
use crate::xml::{Element, Frame};

/// Opens a stream of its own, asks for TLS, and gives back the connection, ready for the handshake.
pub(super) async fn negotiate(
    target: &Target,
    stream: Box<dyn ByteStream>,
) -> Result<Box<dyn ByteStream>, TransportError> {
    let mut transport =
        StreamTransport::new(stream, target.limits).shutdown_within(target.deadlines.shutdown);
    match ask(target, &mut transport).await {
        Ok(()) => transport.into_inner(),
        Err(error) => {
            if matches!(error, TransportError::Xml(_)) {
                // The server is told what is wrong with its stream; whether it listens is its own affair.
                let _ = (&mut transport as &mut dyn Transport).shutdown().await;
            }
            Err(error)
        }
    }
}

async fn ask(target: &Target, transport: &mut dyn Transport) -> Result<(), TransportError> {
    let mut header = OpenHeader::new(&target.domain);
    header.lang.clone_from(&target.lang);
    transport.open(&header);
    transport.flush().await?;

    let Frame::Open(opened) = next(transport).await? else {
        return Err(TransportError::Unexpected("a stream header"));
    };
    // Without version 1.0 there are no stream features, and so no STARTTLS (RFC 6120 §4.7.5).
    if !opened.is_version_1() {
        return Err(TransportError::TlsUnavailable);
    }
    let features = element(transport, "stream features").await?;
    if !features.is("features", ns::STREAM) {
        return Err(TransportError::Unexpected("stream features"));
    }
    if features.child("starttls", ns::TLS).is_none() {
        return Err(TransportError::TlsUnavailable);
    }
    transport.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    transport.flush().await?;
    let answer = element(transport, "an answer to <starttls/>").await?;
    if answer.is("proceed", ns::TLS) {
        Ok(())
    } else if answer.is("failure", ns::TLS) {
        Err(TransportError::TlsFailure)
    } else {
        Err(TransportError::Unexpected("an answer to <starttls/>"))
    }
}

async fn element(
    transport: &mut dyn Transport,
    what: &'static str,
) -> Result<Element, TransportError> {
    match next(transport).await? {
        Frame::Element(element) => match StreamError::from_element(&element) {
            Some(error) => Err(TransportError::Stream(error)),
            None => Ok(element),
        },
        Frame::Close => Err(TransportError::Closed),
        _ => Err(TransportError::Unexpected(what)),
    }
}

/// One frame at a time: what is glued behind it stays in the framer, where [`StreamTransport::into_inner`] finds it.
async fn next(transport: &mut dyn Transport) -> Result<Frame, TransportError> {
    let mut frames = Vec::with_capacity(1);
    transport.recv(&mut frames, 1).await?;
    frames.pop().ok_or(TransportError::Closed)
}
