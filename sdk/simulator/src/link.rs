//! Connections that can be cut. A server that has read a request must answer it; a carrier that loses its reply
//! does not. So every connection carries a link, and cutting the link makes every further read and write fail
//! before a byte is sent: the client sees a broken connection and no status.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// What a handler knows of its connection.
#[derive(Debug, Clone)]
pub(crate) struct Link(CancellationToken);

impl Link {
    /// Closes the connection without another byte. Whatever the handler returns is never sent.
    pub(crate) fn cut(&self) {
        self.0.cancel();
    }
}

impl Connected<IncomingStream<'_, Listener>> for Link {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        stream.io().link.clone()
    }
}

/// Accepts connections that can be cut one by one, or all together when the simulator stops.
#[derive(Debug)]
pub(crate) struct Listener {
    tcp: TcpListener,
    stopped: CancellationToken,
}

impl Listener {
    /// Connections are cut when `stopped` is cancelled.
    pub(crate) fn new(tcp: TcpListener, stopped: CancellationToken) -> Self {
        Self { tcp, stopped }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, peer) = axum::serve::Listener::accept(&mut self.tcp).await;
        let cut = self.stopped.child_token();
        (
            Stream {
                tcp,
                waiting: Box::pin(cut.clone().cancelled_owned()),
                link: Link(cut),
            },
            peer,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// A connection that its link can cut.
#[derive(Debug)]
pub(crate) struct Stream {
    tcp: TcpStream,
    link: Link,
    /// Wakes a connection that waits for its next request.
    waiting: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Stream {
    fn intact(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.link.0.is_cancelled() {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the simulator cut this connection",
            ));
        }
        Ok(Pin::new(&mut self.tcp))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Registers the waker; the answer itself is read from the link.
        let _ = self.waiting.as_mut().poll(cx);
        self.intact()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.intact()?.poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.intact()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.intact()?.poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.intact()?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }
}
