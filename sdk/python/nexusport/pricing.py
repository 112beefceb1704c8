"""Pricing rules: a rule is told the facts of one contract within one billing period and returns charges. It is not told
whether it makes a quote, an invoice or a replay."""

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, setcontext

from componentize_py_types import Err
from wit_world.exports.pricing import (
    Charge,
    Description,
    Event,
    Fact_Event,
    Fact_Interval,
    Fact_Other,
    Fact_Samples,
    Interval,
    Period,
    Priced,
    Properties,
    Refusal,
    Request,
    Samples,
)

from .common import Extra, about, json

__all__ = [
    "Charge", "Decimal", "Description", "Event", "Extra", "Fact_Event", "Fact_Interval", "Fact_Other", "Fact_Samples",
    "Interval", "Period", "Priced", "Properties", "Refusal", "Request", "Samples", "about", "canonical", "charge",
    "decimal", "hourly", "hours", "intervals", "json", "length", "refused", "rule", "settings", "share",
]  # fmt: skip

_HOUR_MS = 3_600_000
# More than an amount may have, so that only a division ever rounds.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_NINTH = Decimal("0.000000001")
_LARGEST = Decimal(10) ** 28

setcontext(_EXACT)


def rule(plugin):
    """What a module has as `Pricing`. The plugin is a class with `describe()` and `price(request)`, which gives charges; both
    static."""

    class Pricing:
        def describe(self) -> Description:
            return plugin.describe()

        def price(self, request: Request) -> Priced:
            setcontext(_EXACT)
            try:
                return Priced(list(plugin.price(request)), [])
            except Err:
                raise
            except Exception as error:  # A mistake of the rule's, and somebody has to see which.
                raise refused("plugin_failed", f"{type(error).__name__}: {error}") from None

    return Pricing


def refused(code: str, message: str) -> Err:
    """Why a rule does not price, to be raised: a stable code of its own and a text for people."""
    return Err(Refusal(code, message))


def settings(request: Request, read=lambda value: value):
    """The settings of the activation, made into something by `read`; refused as `bad_settings` where it raises."""
    try:
        return read(json(request.settings))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise refused("bad_settings", f"the settings do not fit: {type(error).__name__}: {error}") from None


def decimal(value) -> Decimal:
    """A decimal from a string, an integer, or a number of a JSON document, digit by digit."""
    if isinstance(value, float):
        raise TypeError(f"{value} has lost digits already: write it as a string")
    try:
        read = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value} is no decimal") from None
    if not read.is_finite():
        raise ValueError(f"{value} is no decimal")
    return read


def intervals(request: Request) -> list[Interval]:
    """The intervals, for a rule that prices nothing else: refused as `unsupported_fact` where there is another fact, since
    nothing that was delivered may go unpriced unnoticed."""
    if not all(isinstance(fact, Fact_Interval) for fact in request.facts):
        raise refused("unsupported_fact", "this rule prices intervals only")
    return [fact.value for fact in request.facts]


def length(stretch: Interval | Period) -> int:
    """The length in milliseconds; 0 where it ends before it starts."""
    return max(stretch.end - stretch.start, 0)


def hours(millis: int) -> Decimal:
    """Milliseconds in hours, for an explanation."""
    return Decimal(millis) / _HOUR_MS


def share(whole: Decimal, interval: Interval, period: Period) -> Decimal:
    """The interval's share of what costs this much for the whole period. Refused where one of them is empty."""
    if length(period) == 0:
        raise refused("bad_period", "the billing period is empty")
    return _part(whole, interval, length(period))


def hourly(an_hour: Decimal, interval: Interval) -> Decimal:
    """What costs this much an hour, for the exact length of the interval."""
    return _part(an_hour, interval, _HOUR_MS)


def _part(whole: Decimal, interval: Interval, of_millis: int) -> Decimal:
    if length(interval) == 0:
        raise refused("bad_interval", "an interval is empty")
    # Multiplies first, so that the one division is the only inexact step.
    product = Decimal(whole) * length(interval)
    if abs(product) >= _LARGEST:
        raise refused("amount_too_large", "an amount has more than 28 digits")
    return product / of_millis


def canonical(value: Decimal) -> str:
    """The canonical string: at most 9 decimals, rounded half away from zero, no trailing zeros, no exponent."""
    rounded = Decimal(value).quantize(_NINTH, context=_EXACT)
    written = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


def charge(interval: Interval, code: str, amount: Decimal, explanation: str, **more) -> Charge:
    """A charge for the interval as a whole, one piece at the amount; whatever else is given takes the place of that."""
    written = canonical(amount)
    fields = {
        "description": f"{interval.mbps} Mbps",
        "quantity": "1",
        "unit": "interval",
        "unit_price": written,
        "extras": [],
        **more,
    }
    return Charge(interval.start, interval.end, code, amount=written, explanation=explanation, **fields)
