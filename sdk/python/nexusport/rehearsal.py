"""Carrying an operation out against a carrier made of a function, step by step as a host does: for an adapter's own tests."""

from dataclasses import dataclass

from wit_world.exports import http as wit
from wit_world.exports.carrier import Exchange, Operation, Step, Step_Again, Step_Send, Wait

from .carrier import step_of
from .common import to_json

# An adapter that has not ended after so many steps never will.
_STEPS_MAX = 1000
# How long each answer takes.
_ANSWER_MS = 100


@dataclass
class Rehearsal:
    """The last step, each request with its latest answer, and every wait."""

    end: Step
    journal: list[Exchange]
    waits: list[Wait]

    def requests(self) -> list[str]:
        """Method and target of each request, such as `GET /ports/7`."""
        return [f"{exchange.request.method} {exchange.request.target}" for exchange in self.journal]


def rehearse(plugin, operation: Operation, carrier) -> Rehearsal:
    """Carries the operation out; `carrier(request)` is asked once for each sending, repetitions included."""
    played = Rehearsal(step_of(plugin, operation, []), [], [])
    now = operation.asked_at
    for _ in range(1, _STEPS_MAX):
        now += _ANSWER_MS
        match played.end:
            case Step_Send(value=request):
                played.journal.append(Exchange(request, carrier(request), now, now, 0))
            case Step_Again(value=wait):
                now += wait.after_seconds * 1000
                played.waits.append(wait)
                last = played.journal[-1]
                last.answer, last.at, last.repeats = carrier(last.request), now, last.repeats + 1
            case _:
                break
        played.end = step_of(plugin, operation, played.journal)
    return played


def answered(status: int, body) -> wit.Answer:
    """An answer with this status and JSON body."""
    return wit.Answer_Answered(wit.Response(status, [], to_json(body)))


def throttled(seconds: int) -> wit.Answer:
    """A refusal to answer before so many seconds have passed."""
    return wit.Answer_Answered(wit.Response(429, [wit.Header("Retry-After", str(seconds))], b""))


def lost(why: str) -> wit.Answer:
    """That nobody knows whether the request arrived."""
    return wit.Answer_Lost(why)


def unreachable() -> wit.Answer:
    """That the carrier cannot be reached for now."""
    return wit.Answer_NotSent(wit.NotSent(True, "connection refused"))
