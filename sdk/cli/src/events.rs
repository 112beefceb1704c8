//! Server-sent events as the HTML standard describes them: a name and data, and a blank line after each. What else a stream
//! holds, such as the comments that keep it open, means nothing here.

use anyhow::{Result, ensure};

/// Bytes of one event, far more than any that a host tells.
const EVENT_BYTES: usize = 4 * 1024 * 1024;

/// Something that a host tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub name: String,
    pub data: String,
}

/// A stream of them, as far as it was read.
#[derive(Default)]
pub(crate) struct Events {
    /// Of a line that has not ended.
    unread: Vec<u8>,
    /// Of an event that has not ended.
    event: Event,
}

impl Events {
    /// The events that end within these further bytes.
    pub(crate) fn more(&mut self, bytes: &[u8]) -> Result<Vec<Event>> {
        let mut ended = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.unread.extend_from_slice(part);
            let event_bytes = self.unread.len() + self.event.data.len();
            ensure!(
                event_bytes <= EVENT_BYTES,
                "the host tells {event_bytes} bytes at once, the limit is {EVENT_BYTES}"
            );
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.unread);
                let line = String::from_utf8_lossy(&line);
                ended.extend(self.line(line.trim_end_matches(['\r', '\n'])));
            }
        }
        Ok(ended)
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" if line.is_empty() => {
                let event = std::mem::take(&mut self.event);
                return (!event.data.is_empty()).then_some(event);
            }
            "event" => value.clone_into(&mut self.event.name),
            "data" if self.event.data.is_empty() => value.clone_into(&mut self.event.data),
            "data" => {
                self.event.data.push('\n');
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        let (name, data) = (name.to_owned(), data.to_owned());
        Event { name, data }
    }

    #[test]
    fn events_are_the_same_however_their_bytes_come() {
        let stream = "event: stage\ndata: {\"ü\": 1}\n\n: still here\n\nevent:check\r\nid: 7\r\ndata: a\r\ndata:b\r\n\r\nevent: cut";
        let expected = [event("stage", "{\"ü\": 1}"), event("check", "a\nb")];
        for size in 1..=stream.len() {
            let mut events = Events::default();
            let parts = stream.as_bytes().chunks(size);
            let heard: Vec<_> = parts.flat_map(|part| events.more(part).unwrap()).collect();
            assert_eq!(heard, expected, "{size} bytes at a time");
        }
    }

    #[test]
    fn an_event_without_an_end_is_refused() {
        let mut events = Events::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; EVENT_BYTES / 2], b"\n"].concat();
        events.more(&line).unwrap();
        assert!(events.more(&line).unwrap_err().to_string().contains("4194304"));
    }
}
