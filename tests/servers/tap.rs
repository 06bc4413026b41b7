//! A wire-tap: what a client really sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Forwards to a server and writes down what the client sends, one connection after the other.
pub(crate) struct Tap {
    pub(crate) addr: SocketAddr,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Tap {
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let index = {
                    let mut written = written.lock().unwrap();
                    written.push(Vec::new());
                    written.len() - 1
                };
                tokio::spawn(forward(client, target, index, Arc::clone(&written)));
            }
        });
        Self { addr, sent }
    }

    /// What was sent over each connection.
    pub(crate) fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.lock().unwrap().clone()
    }
}

async fn forward(
    client: TcpStream,
    target: SocketAddr,
    index: usize,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let (mut client_reads, mut client_writes) = client.into_split();
    let (mut server_reads, mut server_writes) = server.into_split();
    let up = async move {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = client_reads.read(&mut buffer).await {
            sent.lock().unwrap()[index].extend_from_slice(&buffer[..count]);
            if server_writes.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    };
    // An end in one direction is one in both, for these tests.
    tokio::select! {
        () = up => {}
        _ = tokio::io::copy(&mut server_reads, &mut client_writes) => {}
    }
}
