"""The link to the carrier as an adapter sees it: answers come from the journal, and the first request that has none ends the
run. It never sends anything."""

from wit_world.exports import http as wit
from wit_world.exports.carrier import Exchange, FaultKind, Step, Step_Again, Step_Send, Step_Stuck

from .halt import Halt, again, stuck
from .http import Request, Response

# After a day without a usable answer a person must look.
_PATIENCE_MS = 24 * 60 * 60 * 1000
_BACKOFF_FIRST_SECONDS = 2
_BACKOFF_MAX_SECONDS = 300


class Link:
    """Where an adapter sends its requests."""

    def __init__(self, asked_at: int, journal: list[Exchange]):
        self._asked_at = asked_at
        self._journal = journal
        self._used = 0
        # What the first request without a place in the journal ended the run with. It holds whatever the adapter makes of
        # it: what comes after cannot be known yet.
        self._halted: Halt | None = None

    def send(self, request: Request) -> Response:
        """The carrier's answer. Waits by itself while the carrier is busy (429, 503), cannot be reached, or, for a repeatable
        request, fails (500, 502, 504) or loses the answer; for at most a day, then stuck. A lost answer to any other
        request is stuck: use `try_send` where the adapter can find out."""
        what = f"{request.method} {request.target}"
        match self.try_send(request):
            case Response() as response:
                if response.status in (429, 503) or (request.repeatable and response.status in (500, 502, 504)):
                    raise self._wait(what, response.retry_after())
                return response
            case wit.NotSent(temporary=False, detail=detail):
                raise stuck(FaultKind.OTHER, f"{what} may not be sent: {detail}")
            case str(why) if not request.repeatable:
                raise stuck(FaultKind.UNCERTAIN, f"nobody knows whether {what} arrived: {why}")
            case _:
                raise self._wait(what, None)

    def try_send(self, request: Request) -> Response | str | wit.NotSent:
        """The raw answer, after which the adapter decides by itself: a `Response`, a text where nobody knows whether the request
        arrived, or a `NotSent`."""
        if self._halted:
            raise self._halted
        problem = None
        if self._used < len(self._journal):
            exchange = self._journal[self._used]
            problem = _difference(exchange.request, request)
            if problem is None:
                self._used += 1
                answer = exchange.answer
                return Response(answer.value) if isinstance(answer, wit.Answer_Answered) else answer.value
        self._halted = (
            stuck(
                FaultKind.DIVERGED, f"request {self._used + 1} is not the one in the journal: their {problem}"
            )
            if problem
            else Halt(Step_Send(request.plain()))
        )
        raise self._halted

    @property
    def last(self) -> Exchange | None:
        """The latest exchange that this run has read."""
        return self._journal[self._used - 1] if self._used else None

    def now(self) -> int:
        """When the latest answer came, in milliseconds since 1970; before any, when the operation was asked for. There is no
        other clock."""
        return self.last.at if self.last else self._asked_at

    def backoff(self) -> int:
        """Seconds to wait before repeating the last request: 2, doubled with each repetition, at most 300."""
        repeats = min(self.last.repeats, 30) if self.last else 0
        return min(_BACKOFF_FIRST_SECONDS << repeats, _BACKOFF_MAX_SECONDS)

    def finish(self, end: Step) -> Step:
        """The step that a run ends with: never one that leaves a part of the journal unread."""
        step = self._halted.step if self._halted else end
        if isinstance(step, Step_Stuck):
            return step
        if self._used < len(self._journal):
            unread = f"the run ends after {self._used} of the journal's {len(self._journal)} exchanges"
            return stuck(FaultKind.DIVERGED, unread).step
        if not isinstance(step, Step_Again):
            return step
        if self.last is None:
            return stuck(FaultKind.OTHER, "there is no request to repeat yet").step
        if isinstance(self.last.answer, wit.Answer_Lost) and not self.last.request.repeatable:
            return stuck(FaultKind.UNCERTAIN, "a lost request that is not repeatable cannot be repeated").step
        return step

    def _wait(self, what: str, carrier_seconds: int | None) -> Halt:
        last = self.last
        if last and last.at - last.first > _PATIENCE_MS:
            attempts = last.repeats + 1
            return stuck(FaultKind.OTHER, f"{what} has had no usable answer for a day, {attempts} attempts")
        return again(self.backoff() if carrier_seconds is None else carrier_seconds)


def _difference(recorded: wit.Request, asked: wit.Request) -> str | None:
    """Where the two requests first differ, in words; none where they are the same."""

    def lines(request: wit.Request) -> bytes:
        return "".join(f"{header.name}: {header.value}\n" for header in request.headers).encode()

    parts = (
        ("methods", recorded.method.encode(), asked.method.encode()),
        ("destination", recorded.destination.encode(), asked.destination.encode()),
        ("targets", recorded.target.encode(), asked.target.encode()),
        ("headers", lines(recorded), lines(asked)),
        ("bodies", recorded.body, asked.body),
        ("credentials", (recorded.credential or "").encode(), (asked.credential or "").encode()),
        ("claims to be repeatable", bytes([recorded.repeatable]), bytes([asked.repeatable])),
    )
    for part, a, b in parts:
        if a != b:
            common = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return f"{part} differ from byte {common} on"
    return None
