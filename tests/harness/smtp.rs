//! A mail server of one mailbox: takes whatever it is given over SMTP (RFC 5321), in clear, on this machine.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What a session handed over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    pub from: String,
    pub to: Vec<String>,
    /// As it came, without the dots that the protocol adds.
    pub message: String,
}

/// A server that answers every recipient with this line.
pub struct Smtp {
    pub url: String,
    delivered: Arc<Mutex<Vec<Delivered>>>,
}

impl Smtp {
    pub async fn start(recipient: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let delivered = Arc::<Mutex<Vec<Delivered>>>::default();
        let kept = delivered.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, recipient, kept.clone()));
            }
        });
        Self { url, delivered }
    }

    pub fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap().clone()
    }
}

async fn serve(stream: TcpStream, recipient: &str, kept: Arc<Mutex<Vec<Delivered>>>) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut now = Delivered::default();
    write.write_all(b"220 test\r\n").await.ok()?;
    while let Ok(Some(line)) = lines.next_line().await {
        let address = || {
            let (_, after) = line.split_once('<').unwrap_or_default();
            after.split('>').next().unwrap_or_default().to_owned()
        };
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match &*verb {
            "MAIL" => {
                now.from = address();
                "250 ok"
            }
            "RCPT" => {
                now.to.push(address());
                recipient
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    let line = line.strip_prefix('.').unwrap_or(&line);
                    now.message += &format!("{line}\r\n");
                }
                kept.lock().unwrap().push(std::mem::take(&mut now));
                "250 ok"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    Some(())
}
