//! The proxy breaks connections exactly as told.

use std::io::ErrorKind;
use std::time::Duration;

use converse_testkit::servers::{Direction, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A listener, a proxy in front of it, and one connection through both.
struct Line {
    listener: TcpListener,
    proxy: Proxy,
    client: TcpStream,
    server: TcpStream,
}

impl Line {
    async fn open() -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap()).await.unwrap();
        let client = TcpStream::connect(proxy.addr()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        Line {
            listener,
            proxy,
            client,
            server,
        }
    }
}

async fn expect(stream: &mut TcpStream, text: &str) {
    let mut buffer = vec![0; text.len()];
    stream.read_exact(&mut buffer).await.unwrap();
    assert_eq!(buffer, text.as_bytes());
}

async fn reset(stream: &mut TcpStream) {
    let error = stream.read(&mut [0; 16]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn proxy_forwards_both_ways_and_the_end() {
    let mut line = Line::open().await;
    line.client.write_all(b"ping").await.unwrap();
    expect(&mut line.server, "ping").await;
    line.server.write_all(b"pong").await.unwrap();
    expect(&mut line.client, "pong").await;
    line.client.shutdown().await.unwrap();
    assert_eq!(line.server.read(&mut [0; 1]).await.unwrap(), 0);
    line.server.write_all(b"bye").await.unwrap();
    expect(&mut line.client, "bye").await;
    assert_eq!(
        (line.proxy.connections(), line.proxy.open_connections()),
        (1, 1)
    );
}

#[tokio::test]
async fn proxy_cuts_with_a_reset_and_serves_the_next() {
    let mut line = Line::open().await;
    line.proxy.cut().await;
    assert_eq!(line.proxy.open_connections(), 0);
    reset(&mut line.client).await;
    reset(&mut line.server).await;

    let mut again = TcpStream::connect(line.proxy.addr()).await.unwrap();
    let (mut server, _) = line.listener.accept().await.unwrap();
    again.write_all(b"hello").await.unwrap();
    expect(&mut server, "hello").await;
    assert_eq!(line.proxy.connections(), 2);
}

#[tokio::test]
async fn proxy_closes_in_order() {
    let mut line = Line::open().await;
    line.proxy.close().await;
    assert_eq!(line.client.read(&mut [0; 1]).await.unwrap(), 0);
    assert_eq!(line.server.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn proxy_cuts_in_the_middle_of_what_is_sent() {
    let mut line = Line::open().await;
    line.proxy.cut_after(Direction::ToServer, 6);
    line.server.write_all(b"not counted").await.unwrap();
    expect(&mut line.client, "not counted").await;
    line.client.write_all(b"<message/>").await.unwrap();
    expect(&mut line.server, "<messa").await;
    reset(&mut line.server).await;
    reset(&mut line.client).await;
}

#[tokio::test]
async fn proxy_stalls_and_resumes() {
    let mut line = Line::open().await;
    line.proxy.stall();
    line.client.write_all(b"late").await.unwrap();
    // Can only ever pass too early, never fail by accident.
    let mut byte = [0; 1];
    let waiting = timeout(Duration::from_millis(50), line.server.read(&mut byte));
    waiting.await.expect_err("nothing passes");
    line.proxy.resume_flow();
    expect(&mut line.server, "late").await;
}

#[tokio::test]
async fn proxy_refuses_and_accepts_again() {
    let mut line = Line::open().await;
    line.proxy.refuse().await;
    let error = TcpStream::connect(line.proxy.addr()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    // Who is connected stays connected.
    line.client.write_all(b"still here").await.unwrap();
    expect(&mut line.server, "still here").await;
    line.proxy.accept().await.unwrap();
    TcpStream::connect(line.proxy.addr()).await.unwrap();
}

#[tokio::test]
async fn proxy_without_a_server_resets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap()).await.unwrap();
    drop(listener);
    let mut client = TcpStream::connect(proxy.addr()).await.unwrap();
    reset(&mut client).await;
}
