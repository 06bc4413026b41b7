use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use converse_core::transport::{OpenHeader, StreamTransport, Transport, TransportError};
use converse_core::xml::{Frame, Limits};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex};

use crate::network::{HEADER, read_rest, read_to};

fn pair() -> (Box<dyn Transport>, DuplexStream) {
    let (ours, theirs) = duplex(64 * 1024);
    (
        Box::new(StreamTransport::new(ours, Limits::default())),
        theirs,
    )
}

/// An open stream whose headers have been exchanged.
async fn opened() -> (Box<dyn Transport>, DuplexStream) {
    let (mut transport, mut server) = pair();
    transport.open(&OpenHeader::new("kestrel.example"));
    transport.flush().await.unwrap();
    read_to(&mut server, "?>").await;
    read_to(&mut server, ">").await;
    server.write_all(HEADER.as_bytes()).await.unwrap();
    let frames = received(&mut transport, 16).await;
    assert!(matches!(frames[..], [Frame::Open(_)]));
    (transport, server)
}

async fn received(transport: &mut Box<dyn Transport>, max: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    transport.recv(&mut frames, max).await.unwrap();
    frames
}

fn names(frames: &[Frame]) -> Vec<String> {
    let name = |frame: &Frame| match frame {
        Frame::Open(_) => "(open)".to_owned(),
        Frame::Element(element) => element.name().to_owned(),
        _ => "(close)".to_owned(),
    };
    frames.iter().map(name).collect()
}

#[tokio::test(start_paused = true)]
async fn one_read_yields_all_its_frames_up_to_the_maximum() {
    let (mut transport, mut server) = opened().await;
    server
        .write_all(b"<message/><presence/> <iq/><mess")
        .await
        .unwrap();
    assert_eq!(
        names(&received(&mut transport, 2).await),
        ["message", "presence"]
    );
    assert_eq!(names(&received(&mut transport, 2).await), ["iq"]);
    server.write_all(b"age/></stream:stream>").await.unwrap();
    assert_eq!(
        names(&received(&mut transport, 16).await),
        ["message", "(close)"]
    );
    let end = transport.recv(&mut Vec::new(), 16).await;
    assert!(matches!(end, Err(TransportError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn a_stream_cut_into_bytes_is_the_same_stream() {
    let (ours, mut server) = duplex(1);
    let mut transport: Box<dyn Transport> = Box::new(StreamTransport::new(ours, Limits::default()));
    let text =
        format!("{HEADER}<message><body>\u{1f980} &amp; tea</body></message></stream:stream>");
    let writer = async { server.write_all(text.as_bytes()).await.unwrap() };
    let reader = async {
        let mut frames = Vec::new();
        while frames.len() < 3 {
            transport.recv(&mut frames, 16).await.unwrap();
        }
        frames
    };
    let ((), frames) = tokio::join!(writer, reader);
    assert_eq!(names(&frames), ["(open)", "message", "(close)"]);
    let Frame::Element(message) = &frames[1] else {
        panic!()
    };
    let body = message.child("body", "jabber:client").unwrap();
    assert_eq!(body.text(), "\u{1f980} & tea");
}

/// A connection that keeps each write apart and takes at most `limit` bytes of it.
struct Writes {
    seen: Arc<Mutex<Vec<String>>>,
    limit: usize,
}

impl AsyncRead for Writes {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for Writes {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = bytes.len().min(self.limit);
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        self.seen.lock().unwrap().push(text);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn writes(limit: usize) -> (Box<dyn Transport>, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::default();
    let stream = Writes {
        seen: Arc::clone(&seen),
        limit,
    };
    (
        Box::new(StreamTransport::new(stream, Limits::default())),
        seen,
    )
}

#[tokio::test(start_paused = true)]
async fn several_stanzas_leave_in_one_write() {
    let (mut transport, seen) = writes(usize::MAX);
    for stanza in ["<message/>", "<presence/>", "<iq/>"] {
        transport.send(stanza);
    }
    transport.send_whitespace();
    assert_eq!(transport.queued(), 27);
    transport.flush().await.unwrap();
    assert_eq!(transport.queued(), 0);
    transport.flush().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["<message/><presence/><iq/> "]);
}

#[tokio::test(start_paused = true)]
async fn a_write_cut_short_goes_on_where_it_stopped() {
    let (mut transport, seen) = writes(4);
    transport.send("<presence/>");
    transport.flush().await.unwrap();
    assert_eq!(*seen.lock().unwrap(), ["<pre", "senc", "e/>"]);
}

#[tokio::test(start_paused = true)]
async fn closing_says_so_once_and_still_receives() {
    let (mut transport, mut server) = opened().await;
    transport.close();
    transport.close();
    transport.send("<message/>");
    transport.flush().await.unwrap();
    assert_eq!(read_to(&mut server, ">").await, "</stream:stream>");
    server
        .write_all(b"<presence/></stream:stream>")
        .await
        .unwrap();
    assert_eq!(
        names(&received(&mut transport, 16).await),
        ["presence", "(close)"]
    );
    transport.shutdown().await.unwrap();
    assert_eq!(read_rest(&mut server).await, b"");
}

#[tokio::test(start_paused = true)]
async fn a_bad_stream_is_answered_after_what_was_good() {
    for (bad, condition) in [
        ("<!-- no -->", "restricted-xml"),
        ("<a></b>", "not-well-formed"),
        ("<x:a/>", "bad-namespace-prefix"),
        ("text", "bad-format"),
    ] {
        let (mut transport, mut server) = opened().await;
        server
            .write_all(format!("<message/>{bad}").as_bytes())
            .await
            .unwrap();
        assert_eq!(names(&received(&mut transport, 16).await), ["message"]);
        for _ in 0..2 {
            let error = transport.recv(&mut Vec::new(), 16).await;
            assert!(matches!(error, Err(TransportError::Xml(_))), "{bad}");
        }
        transport.send("<presence/>");
        transport.shutdown().await.unwrap();
        assert_eq!(
            String::from_utf8(read_rest(&mut server).await).unwrap(),
            format!(
                "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                 </stream:error></stream:stream>"
            )
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_element_beyond_the_limit_ends_the_stream_early() {
    let (ours, mut server) = duplex(1024);
    let limits = Limits::default().with_max_element_bytes(10_000);
    let mut transport: Box<dyn Transport> = Box::new(StreamTransport::new(ours, limits));
    let endless = async {
        server.write_all(HEADER.as_bytes()).await.unwrap();
        server.write_all(b"<message><body>").await.unwrap();
        let mut sent = 0;
        while server.write_all(&[b'x'; 500]).await.is_ok() {
            sent += 500;
        }
        sent
    };
    let reader = async {
        let mut frames = Vec::new();
        let error = loop {
            if let Err(error) = transport.recv(&mut frames, 16).await {
                break error;
            }
        };
        drop(transport);
        error
    };
    let (sent, error) = tokio::join!(endless, reader);
    assert!(sent < 20_000, "{sent}");
    assert!(matches!(error, TransportError::Xml(error) if error.condition() == "policy-violation"));
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_an_error() {
    let (mut transport, server) = opened().await;
    drop(server);
    let end = transport.recv(&mut Vec::new(), 16).await;
    assert!(matches!(end, Err(TransportError::Closed)));
    transport.send("<presence/>");
    assert!(transport.flush().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_stream_starts_anew_after_sasl_without_a_second_declaration() {
    let (mut transport, mut server) = opened().await;
    transport.open(&OpenHeader::new("kestrel.example"));
    transport.flush().await.unwrap();
    assert!(
        read_to(&mut server, ">")
            .await
            .starts_with("<stream:stream ")
    );
    let again = format!("{HEADER}<stream:features/>");
    server.write_all(again.as_bytes()).await.unwrap();
    assert_eq!(
        names(&received(&mut transport, 16).await),
        ["(open)", "features"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_a_server_that_reads_nothing() {
    let (ours, _server) = duplex(16);
    let transport = StreamTransport::new(ours, Limits::default());
    let mut transport: Box<dyn Transport> =
        Box::new(transport.shutdown_within(Duration::from_secs(3)));
    transport.send(&"<message/>".repeat(10));
    let start = tokio::time::Instant::now();
    let error = transport.shutdown().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(start.elapsed(), Duration::from_secs(3));
}
