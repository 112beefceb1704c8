//! What goes wrong with a request: every fault of the simulated carrier, and what no carrier does on command.

use nexusport_simulator::Kind;

use super::{carrier::Fate, dice::Dice};

/// Something that goes wrong with one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// What the simulated carrier can be told to do.
    OnCommand(Kind),
    /// The work is done, and the answer says that something broke.
    BrokeAfterwards(u16),
    /// The connection breaks at once, and the request arrives long after.
    Late,
    /// Nobody is there.
    Unreachable,
    /// The work is done, and the answer says nothing.
    Garbled,
    /// The order is taken and never carried out.
    NeverDone,
    /// The port changes behind everybody's back.
    Drift,
}

/// What whoever asked hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Truth,
    Status(u16),
    Garble,
    Nothing,
    NotSent,
}

/// What a trouble comes to.
pub struct Effect {
    /// Whether the carrier does what it is asked.
    pub works: bool,
    pub heard: Heard,
    /// How much later than usual the request arrives.
    pub late_ms: i64,
    /// How much later than usual the answer comes.
    pub slow_ms: i64,
    /// What becomes of an order.
    pub fate: Fate,
}

impl Effect {
    pub const NONE: Self = Self {
        works: true,
        heard: Heard::Truth,
        late_ms: 0,
        slow_ms: 0,
        fate: Fate::Completes,
    };
}

impl Trouble {
    /// One that can strike an order, or a question.
    pub fn any(dice: &mut Dice, orders: bool) -> Self {
        let broken = [500, 502, 503, 504, 408];
        let commands = [
            Kind::Slow {
                milliseconds: dice.pick(&[900, 29_000, 31_000]),
            },
            Kind::Throttle {
                retry_after_seconds: 7,
            },
            Kind::Error {
                status: dice.pick(&broken),
            },
            Kind::LostReply,
            Kind::LostRequest,
            Kind::TokenRevoked,
            Kind::DuplicateNotification,
            Kind::Reject {
                code: "no".into(),
                message: "not here".into(),
            },
        ];
        let others = [
            Self::BrokeAfterwards(dice.pick(&[500, 502, 504, 401, 408])),
            Self::Late,
            Self::Unreachable,
            Self::Garbled,
            Self::Drift,
            Self::NeverDone,
        ];
        let commands = commands.map(Self::OnCommand);
        let all: Vec<_> = commands.into_iter().chain(others).collect();
        let fits = |trouble: &&Self| orders || !trouble.is_of_orders();
        let all: Vec<_> = all.iter().filter(fits).cloned().collect();
        dice.pick(&all)
    }

    fn is_of_orders(&self) -> bool {
        matches!(self, Self::NeverDone | Self::OnCommand(Kind::Reject { .. }))
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::OnCommand(kind) => kind.name(),
            Self::BrokeAfterwards(_) => "broke_afterwards",
            Self::Late => "late",
            Self::Unreachable => "unreachable",
            Self::Garbled => "garbled",
            Self::NeverDone => "never_done",
            Self::Drift => "drift",
        }
    }

    pub fn effect(&self, dice: &mut Dice) -> Effect {
        let not_done = |heard| Effect {
            works: false,
            heard,
            ..Effect::NONE
        };
        let done = |heard| Effect {
            heard,
            ..Effect::NONE
        };
        match self {
            Self::OnCommand(Kind::Slow { milliseconds }) => Effect {
                slow_ms: *milliseconds as i64,
                ..Effect::NONE
            },
            Self::OnCommand(Kind::Throttle { .. }) => not_done(Heard::Status(429)),
            Self::OnCommand(Kind::Error { status }) => not_done(Heard::Status(*status)),
            Self::OnCommand(Kind::TokenRevoked) => not_done(Heard::Status(401)),
            Self::OnCommand(Kind::LostReply) => done(Heard::Nothing),
            Self::OnCommand(Kind::LostRequest) => not_done(Heard::Nothing),
            Self::OnCommand(Kind::Reject { .. }) => Effect {
                fate: Fate::Rejected,
                ..Effect::NONE
            },
            Self::OnCommand(Kind::DuplicateNotification) | Self::Drift => Effect::NONE,
            Self::BrokeAfterwards(status) => done(Heard::Status(*status)),
            Self::Late => Effect {
                late_ms: dice.between(1_000, 29_000),
                ..done(Heard::Nothing)
            },
            Self::Unreachable => not_done(Heard::NotSent),
            Self::Garbled => done(Heard::Garble),
            Self::NeverDone => Effect {
                fate: Fate::Never,
                ..Effect::NONE
            },
        }
    }
}

/// The names of all of them.
pub const NAMES: [&str; 14] = [
    "slow",
    "throttle",
    "error",
    "lost_reply",
    "lost_request",
    "reject",
    "token_revoked",
    "duplicate_notification",
    "broke_afterwards",
    "late",
    "unreachable",
    "garbled",
    "never_done",
    "drift",
];
