"""What every world shares: JSON with exact numbers, times, and what a component says about itself."""

import json as _json
import re
from datetime import datetime, timezone
from decimal import Decimal

from wit_world.exports.types import About, Extra

__all__ = ["About", "Decimal", "Extra", "about", "from_rfc3339", "json", "to_json", "to_rfc3339"]

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def json(document: bytes):
    """The value of a JSON document in UTF-8. Numbers with a fraction are decimals, digit by digit."""
    return _json.loads(document.decode("utf-8"), parse_float=Decimal)


def to_json(value) -> bytes:
    """The JSON document of a value, without spaces."""
    return _json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def about(name: str, version: str, summary: str, settings: dict) -> About:
    """What a component says about itself. `settings` is the JSON Schema of its settings."""
    return About(name, version, summary, to_json(settings), [])


def from_rfc3339(written: str | None) -> int | None:
    """Milliseconds since 1970 of an RFC 3339 time; none where it is none."""
    if written is None or not _RFC_3339.fullmatch(written):
        return None
    try:
        time = datetime.fromisoformat(written.upper().replace(" ", "T"))
    except ValueError:
        return None
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def to_rfc3339(millis: int) -> str:
    """The RFC 3339 form in UTC with milliseconds."""
    seconds, rest = divmod(millis, 1000)
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%S}.{rest:03}Z"
