//! Speeds as PacketFabric writes them.

use crate::wire::{read, written};

#[test]
fn speeds_are_read_as_they_are_written() {
    for (mbps, text) in [
        (50, "50Mbps"),
        (1000, "1Gbps"),
        (1300, "1300Mbps"),
        (100_000, "100Gbps"),
    ] {
        assert_eq!((written(mbps).as_str(), read(text)), (text, Some(mbps)));
    }
    assert_eq!(read("1.5Gbps"), Some(1500));
    for unreadable in ["", "fast", "1.2345Gbps", "-1Gbps", "4294968Gbps", "1Tbps"] {
        assert_eq!(read(unreadable), None, "{unreadable}");
    }
}
