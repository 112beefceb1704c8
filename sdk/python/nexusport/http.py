"""Building requests and reading answers. Nothing is sent here, and no secret is ever in a request: the host injects the
credential that it names. What cannot be read is a matter for a person, not a guess."""

import re
from urllib.parse import quote

from wit_world.exports import http as wit
from wit_world.exports.carrier import FaultKind

from .common import json, to_json
from .halt import Halt, stuck

# A carrier that asks for more than an hour is asked again after one.
_RETRY_AFTER_MAX_SECONDS = 3600
# How much of an unexpected answer is quoted.
_QUOTED_CHARS = 200


def encode(value: str) -> str:
    """Percent-encodes a value so that it is one path segment or one query value (RFC 3986, 2.3)."""
    return quote(value, safe="")


class Request(wit.Request):
    """What an adapter asks the host to send."""

    def __init__(self, method: str, destination: str, target: str, repeatable: bool):
        super().__init__(method, destination, target, [], b"", None, repeatable)

    @classmethod
    def get(cls, destination: str, target: str) -> "Request":
        return cls("GET", destination, target, True)

    @classmethod
    def put(cls, destination: str, target: str) -> "Request":
        """Repeatable by its definition, as GET and DELETE are (RFC 9110, 9.2.2)."""
        return cls("PUT", destination, target, True)

    @classmethod
    def delete(cls, destination: str, target: str) -> "Request":
        return cls("DELETE", destination, target, True)

    @classmethod
    def post(cls, destination: str, target: str) -> "Request":
        """Not repeatable unless said so, as PATCH is."""
        return cls("POST", destination, target, False)

    @classmethod
    def patch(cls, destination: str, target: str) -> "Request":
        return cls("PATCH", destination, target, False)

    def query(self, name: str, value: str) -> "Request":
        """Adds a query parameter, encoded."""
        self.target += f"{'&' if '?' in self.target else '?'}{encode(name)}={encode(value)}"
        return self

    def header(self, name: str, value: str) -> "Request":
        self.headers.append(wit.Header(name, value))
        return self

    def credentials(self, handle: str) -> "Request":
        """Names the credential that the host is to inject."""
        self.credential = handle
        return self

    def json(self, body) -> "Request":
        """Sends this as JSON."""
        self.body = to_json(body)
        return self.header("content-type", "application/json")

    def safe_to_repeat(self) -> "Request":
        """States that sending it twice has the effect of sending it once."""
        self.repeatable = True
        return self

    def plain(self) -> wit.Request:
        """The record of the interface."""
        return wit.Request(
            self.method, self.destination, self.target, self.headers, self.body, self.credential, self.repeatable
        )


class Response:
    """What the carrier answered."""

    def __init__(self, response: wit.Response):
        self.status, self.headers, self.body = response.status, response.headers, response.body

    def ok(self) -> "Response":
        """Itself where the status is 2xx; else stuck, quoting the answer."""
        if 200 <= self.status < 300:
            return self
        raise self.unexpected("")

    def json(self, read=lambda value: value):
        """The body read from JSON; stuck where it is none. `read` may make something of it, and is stuck where it raises."""
        try:
            return read(json(self.body))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise self.unexpected(f" ({type(error).__name__}: {error})") from None

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        return next((header.value for header in self.headers if header.name.lower() == name.lower()), None)

    def retry_after(self) -> int | None:
        """The seconds that the carrier asks to wait, from 1 to 3600. None where it names none, or a date."""
        named = (self.header("retry-after") or "").strip()
        if not re.fullmatch("[0-9]{1,10}", named):
            return None
        return min(max(int(named), 1), _RETRY_AFTER_MAX_SECONDS)

    def unexpected(self, why: str) -> Halt:
        """That nothing true can be said after this answer."""
        quoted = self.body.decode("utf-8", "replace")[:_QUOTED_CHARS]
        return stuck(FaultKind.UNEXPECTED_ANSWER, f"the carrier answered {self.status}{why}: {quoted}")
