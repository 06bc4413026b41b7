//! One connection through a proxy.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;

use super::Direction;
use super::shared::{Shared, State};

/// One connection through the proxy.
#[derive(Debug)]
pub(super) struct Link {
    /// The number of cuts when it was accepted; one more, and it has to go.
    pub(super) cuts: usize,
    pub(super) state: watch::Receiver<State>,
    pub(super) shared: Arc<Shared>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.open.send_modify(|open| *open -= 1);
    }
}

impl Link {
    pub(super) async fn run(self, mut client: TcpStream) {
        let Ok(mut server) = TcpStream::connect(self.shared.target).await else {
            let _ = client.set_zero_linger();
            return;
        };
        let _ = client.set_nodelay(true);
        let _ = server.set_nodelay(true);
        let orderly = {
            let (client_reads, client_writes) = client.split();
            let (server_reads, server_writes) = server.split();
            tokio::select! {
                biased;
                orderly = self.cut() => orderly,
                result = async {
                    tokio::try_join!(
                        self.pump(Direction::ToServer, client_reads, server_writes),
                        self.pump(Direction::ToClient, server_reads, client_writes),
                    )
                } => result.is_ok(),
            }
        };
        if !orderly {
            let _ = client.set_zero_linger();
            let _ = server.set_zero_linger();
        }
    }

    /// Waits for the connection to be cut; whether it is to end in order.
    async fn cut(&self) -> bool {
        let mut state = self.state.clone();
        let cut = state.wait_for(|now| now.cuts > self.cuts).await;
        cut.is_ok_and(|now| now.orderly)
    }

    /// Forwards one direction until its end of file; an error resets both sides.
    async fn pump(
        &self,
        direction: Direction,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
    ) -> io::Result<()> {
        let mut state = self.state.clone();
        let mut buffer = vec![0; 16 * 1024];
        loop {
            flowing(&mut state).await?;
            let count = from.read(&mut buffer).await?;
            // It may have been stalled while we waited for bytes: those must not pass.
            flowing(&mut state).await?;
            if count == 0 {
                return to.shutdown().await;
            }
            let (allowed, last) = self.shared.allow(direction, count);
            to.write_all(&buffer[..allowed]).await?;
            if last {
                self.shared.end_all(false);
                return Err(io::ErrorKind::ConnectionReset.into());
            }
        }
    }
}

async fn flowing(state: &mut watch::Receiver<State>) -> io::Result<()> {
    let waited = state.wait_for(|state| !state.stalled).await;
    waited.map(drop).map_err(io::Error::other)
}
