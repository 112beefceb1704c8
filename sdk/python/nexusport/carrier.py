"""Adapters. An adapter is written straight down, as if its requests were sent while it runs; it is run again over the journal
of what was answered so far, and the first request without an answer is what the host sends next. So it must ask the same
things in the same order whenever it is given the same answers."""

from wit_world.exports.carrier import (
    Credential,
    Description,
    Destination,
    Exchange,
    FaultKind,
    Operation,
    Order,
    Outcome,
    Outcome_Applied,
    Outcome_Feasible,
    Outcome_Other,
    Outcome_State,
    Outcome_States,
    Port,
    PortPage,
    PortState,
    Rules,
    Step,
    Step_Done,
    Task_Cancel,
    Task_ChangeBandwidth,
    Task_CheckChange,
    Task_ListPorts,
    Task_Other,
    Task_Probe,
    Task_ReadPort,
)
from wit_world.exports.http import Header, NotSent

from .common import Extra, about, from_rfc3339, json, to_json, to_rfc3339
from .halt import Halt, again, rejected, stuck
from .http import Request, Response, encode
from .link import Link

__all__ = [
    "Credential", "Description", "Destination", "Exchange", "Extra", "FaultKind", "Halt", "Header", "Link", "NotSent",
    "Operation", "Order", "Outcome", "Outcome_Applied", "Outcome_Feasible", "Outcome_Other", "Outcome_State",
    "Outcome_States", "Port", "PortPage", "PortState", "Request", "Response", "Rules", "Task_Cancel",
    "Task_ChangeBandwidth", "Task_CheckChange", "Task_ListPorts", "Task_Other", "Task_Probe", "Task_ReadPort", "about",
    "adapter", "again", "encode", "from_rfc3339", "json", "rejected", "step_of", "stuck", "to_json", "to_rfc3339",
]  # fmt: skip


def adapter(plugin):
    """What a module has as `Carrier`. The plugin is a class with `describe()`, `run(operation, link)`, which gives an outcome,
    and `notified(headers, body)`, which may be missing, for the keys that a push is about; all static."""

    class Carrier:
        def describe(self) -> Description:
            return plugin.describe()

        def next(self, operation: Operation, journal: list[Exchange]) -> Step:
            return step_of(plugin, operation, journal)

        def notified(self, headers: list[Header], body: bytes) -> list[str]:
            return plugin.notified(headers, body) if hasattr(plugin, "notified") else []

    return Carrier


def step_of(plugin, operation: Operation, journal: list[Exchange]) -> Step:
    """What the host is to do next for this operation after these exchanges."""
    link = Link(operation.asked_at, journal)
    return link.finish(_ran(plugin, operation, link))


def _ran(plugin, operation: Operation, link: Link) -> Step:
    try:
        return Step_Done(plugin.run(operation, link))
    except Halt as halt:
        return halt.step
    except Exception as error:  # A mistake of the adapter's, and somebody has to see which.
        return stuck(FaultKind.OTHER, f"the adapter failed: {type(error).__name__}: {error}").step
