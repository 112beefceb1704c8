//! A DNS server on loopback, UDP and TCP, that says what tests have it say. What does not fit into a datagram is cut
//! and asked for again over TCP, as anywhere.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use hickory_resolver::proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{Name, RData, Record, rdata::TXT},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UdpSocket},
    task::JoinHandle,
};

/// What every DNS client takes in one datagram.
const DATAGRAM_BYTES: usize = 1232;

/// What a name has.
#[derive(Clone)]
pub enum Says {
    /// These TXT records, each of one or more strings.
    Texts(Vec<Vec<String>>),
    /// An alias of another name.
    Alias(String),
    /// The name exists and has no such record.
    Nothing,
    /// The server failed.
    Failed,
    /// No answer at all.
    Silence,
    /// Bytes that are no DNS message.
    Noise,
}

type Zone = Arc<Mutex<HashMap<String, Says>>>;

pub struct Dns {
    pub address: SocketAddr,
    zone: Zone,
    serving: [JoinHandle<()>; 2],
}

impl Dns {
    pub async fn start() -> Self {
        // TCP has ports of its own: one that is free for datagrams may be somebody's there.
        let (udp, tcp, address) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            let address = udp.local_addr().unwrap();
            if let Ok(tcp) = TcpListener::bind(address).await {
                break (udp, tcp, address);
            }
        };
        let zone = Zone::default();
        let serving = [
            tokio::spawn(datagrams(udp, zone.clone())),
            tokio::spawn(streams(tcp, zone.clone())),
        ];
        Self {
            address,
            zone,
            serving,
        }
    }

    /// From now on the name has this.
    pub fn set(&self, name: &str, says: Says) {
        self.zone.lock().unwrap().insert(name.to_owned(), says);
    }

    /// From now on the name has these TXT records of one string each.
    pub fn texts(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|text| vec![(*text).to_owned()]).collect();
        self.set(name, Says::Texts(texts));
    }

    /// From now on the name does not exist.
    pub fn forget(&self, name: &str) {
        self.zone.lock().unwrap().remove(name);
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
    }
}

async fn datagrams(socket: UdpSocket, zone: Zone) {
    let mut buffer = vec![0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let Some(mut answer) = answer(&zone, &buffer[..length]) else {
            continue;
        };
        if answer.len() > DATAGRAM_BYTES {
            let mut cut = Message::from_vec(&answer).unwrap().truncate();
            cut.metadata.truncation = true;
            answer = cut.to_vec().unwrap();
        }
        socket.send_to(&answer, from).await.ok();
    }
}

async fn streams(listener: TcpListener, zone: Zone) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let zone = zone.clone();
        tokio::spawn(async move {
            while let Ok(length) = stream.read_u16().await {
                let mut question = vec![0; length.into()];
                stream.read_exact(&mut question).await.ok()?;
                let answer = answer(&zone, &question)?;
                stream.write_u16(answer.len().try_into().unwrap()).await.ok()?;
                stream.write_all(&answer).await.ok()?;
            }
            Some(())
        });
    }
}

/// The answer to a question; none where there is to be silence.
fn answer(zone: &Zone, question: &[u8]) -> Option<Vec<u8>> {
    let question = Message::from_vec(question).ok()?;
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.metadata.recursion_desired = question.metadata.recursion_desired;
    answer.metadata.recursion_available = true;
    answer.add_queries(question.queries.clone());
    let mut asked = question.queries.first()?.name().clone();
    loop {
        let name = asked.to_string().to_lowercase();
        let says = zone.lock().unwrap().get(name.trim_end_matches('.')).cloned();
        match says {
            None => answer.metadata.response_code = ResponseCode::NXDomain,
            Some(Says::Nothing) => {}
            Some(Says::Failed) => answer.metadata.response_code = ResponseCode::ServFail,
            Some(Says::Silence) => return None,
            Some(Says::Noise) => return Some(b"no dns message at all".to_vec()),
            Some(Says::Texts(texts)) => {
                for strings in texts {
                    let data = RData::TXT(TXT::new(strings));
                    answer.add_answer(Record::from_rdata(asked.clone(), 300, data));
                }
            }
            Some(Says::Alias(of)) => {
                let of = Name::from_ascii(format!("{of}.")).unwrap();
                let data = RData::CNAME(hickory_resolver::proto::rr::rdata::CNAME(of.clone()));
                answer.add_answer(Record::from_rdata(asked, 300, data));
                asked = of;
                continue;
            }
        }
        return Some(answer.to_vec().unwrap());
    }
}
