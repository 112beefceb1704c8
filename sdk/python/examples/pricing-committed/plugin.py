"""A committed rate: so much per Mbps for a whole billing period, shared over time. What was delivered for a quarter of the
period costs a quarter. It prices to the byte as `plugins/pricing-committed` does."""

from nexusport.pricing import (
    Decimal,
    Description,
    Properties,
    about,
    canonical,
    charge,
    decimal,
    hours,
    intervals,
    length,
    rule,
    settings,
    share,
)

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["price_per_mbps"],
    "properties": {
        "price_per_mbps": {
            "type": "string",
            "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?$",
            "description": "The price of one Mbps for a whole billing period, such as 0.40",
        }
    },
    "examples": [{"price_per_mbps": "0.40"}],
}


class Plugin:
    @staticmethod
    def describe():
        says = about("pricing-committed-python", "0.1.0", "A monthly price by time-weighted speed", SCHEMA)
        return Description(says, Properties(additive=True, monotone=True), [])

    @staticmethod
    def price(request):
        price = settings(request, read)
        for interval in intervals(request):
            quantity = share(Decimal(interval.mbps), interval, request.period)
            yield charge(
                interval,
                "bandwidth",
                share(price * interval.mbps, interval, request.period),
                f"{interval.mbps} Mbps at {canonical(price)} {request.currency} per Mbps and billing period, for"
                f" {canonical(hours(length(interval)))} of the period's {canonical(hours(length(request.period)))} hours",
                description=f"Bandwidth, {interval.mbps} Mbps",
                quantity=canonical(quantity),
                unit="Mbps period",
                unit_price=canonical(price),
            )


def read(given):
    unknown = given.keys() - {"price_per_mbps"}
    if unknown:
        raise ValueError(f"unknown field {min(unknown)}")
    return decimal(given["price_per_mbps"])


Pricing = rule(Plugin)
