//! A server that writes down the bytes it gets and answers with the bytes it was given.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What a connection gets.
pub(super) enum Reply {
    /// An answer on a connection that stays open, as if for another request.
    Open(Vec<u8>),
    /// An answer and then the end of the connection.
    Bytes(Vec<u8>),
    /// Closes as soon as the request was read.
    Close,
    /// Closes without reading anything.
    HangUp,
    /// Holds the connection and says nothing.
    Silence,
}

/// Serves one connection for each reply, in order.
pub(super) struct Server {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let mut held = Vec::new();
            for reply in replies {
                let (mut stream, _) = listener.accept().await.unwrap();
                if matches!(reply, Reply::HangUp) {
                    continue;
                }
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                match reply {
                    Reply::Open(bytes) => {
                        stream.write_all(&bytes).await.unwrap();
                        held.push(stream);
                    }
                    Reply::Bytes(bytes) => {
                        // The client may have hung up on what is too large.
                        let _ = stream.write_all(&bytes).await;
                    }
                    Reply::Close | Reply::HangUp => drop(stream),
                    Reply::Silence => held.push(stream),
                }
            }
            std::future::pending::<()>().await;
        });
        Self { url, requests, task }
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with a length, on a connection that stays open.
pub(super) fn reply(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Open(format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes())
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap() == 0 {
            return text;
        }
    }
}
