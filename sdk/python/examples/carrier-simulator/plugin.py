"""The adapter for the simulated carrier: orders are asynchronous, so it polls; its orders have idempotency keys and can be
looked up by our reference, so a lost answer is found out about and never guessed. It asks for the same things, byte for byte,
as `plugins/carrier-simulator` does."""

from nexusport.carrier import *

API = "api"
OAUTH = "oauth"
# How often an order that did not arrive is placed.
ATTEMPTS_MAX = 5
STATUSES = ("ACCEPTED", "PROVISIONING", "COMPLETED", "REJECTED", "CANCELLED")

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "poll_seconds": {
            "type": "integer",
            "minimum": 1,
            "maximum": 3600,
            "default": 5,
            "description": "How long to wait before an open order is asked about again",
        }
    },
}


class Plugin:
    @staticmethod
    def describe():
        return Description(
            about("carrier-simulator-python", "0.1.0", "Orders bandwidth from the simulated carrier", SCHEMA),
            [Destination(API, "The carrier's API")],
            [Credential(OAUTH, "OAuth 2 client credentials of an account with the carrier", [API])],
            Rules(
                min_mbps=100,
                max_mbps=400_000,
                step_mbps=100,
                speeds_mbps=[],
                may_decrease=True,
                lock_out_seconds=0,
                changes_in_flight=1,
                settle_seconds=5,
                billing_granularity_seconds=1,
                has_idempotency_keys=True,
                has_lookup_by_reference=True,
                extras=[],
            ),
            [],
        )

    @staticmethod
    def run(operation, link):
        match operation.task:
            case Task_ReadPort():
                return read_port(port(operation).reference, link)
            case Task_ListPorts(value=cursor):
                return list_ports(cursor, link)
            case Task_CheckChange(value=order):
                return check(port(operation).reference, order, link)
            case Task_ChangeBandwidth(value=order):
                return change(operation, order, link)
            case Task_Cancel(value=order):
                return cancel(order, link)
            case Task_Probe():
                account = link.send(get("/v1/ping")).ok().json(lambda account: text(account["account"]))
                return Outcome_Other(Extra("account", account))
            case Task_Other(value=task):
                raise rejected("unsupported", f"this adapter has no task {task.name}")

    @staticmethod
    def notified(headers, body):
        try:
            return [text(json(body)["order"]["id"])]
        except (LookupError, TypeError, ValueError):
            return []


def read_port(reference, link):
    answer = link.send(get(port_path(reference)))
    if answer.status == 404:
        raise refusal(answer)
    return Outcome_State(answer.ok().json(port_state))


def list_ports(cursor, link):
    page = link.send(get("/v1/ports").query("cursor", cursor)).ok()
    return page.json(lambda page: Outcome_States(PortPage([port_state(it) for it in page["ports"]], page.get("next"))))


def check(reference, order, link):
    # It changes nothing, so it may be asked as often as it takes.
    answer = link.send(post(f"{port_path(reference)}/check").json({"mbps": order.mbps}).safe_to_repeat())
    if answer.status in (404, 422):
        raise refusal(answer)
    checked = answer.ok().json()
    if checked["feasible"]:
        return Outcome_Feasible()
    raise rejected(checked.get("code") or "", checked.get("message") or "")


def change(operation, wanted, link):
    """Orders the speed and waits until the carrier has carried it out."""
    poll_seconds = settings(operation)
    placed = place(operation, wanted, poll_seconds, link)
    # `again` repeats this request, and its new answer is what the next run sees.
    order = link.send(get(f"/v1/orders/{encode(placed['id'])}")).ok().json(read)
    match order["status"]:
        case "COMPLETED":
            since = from_rfc3339(order.get("completed_at"))
            return Outcome_Applied(PortState(order["port"], order["mbps"], since, b"", []))
        case "REJECTED":
            reason = order.get("reason") or {"code": "rejected", "message": "the carrier gives no reason"}
            raise rejected(reason["code"], reason["message"])
        case "CANCELLED":
            raise rejected("cancelled", "the order was cancelled")
        case _:
            raise again(poll_seconds).or_when(order["id"])


def place(operation, wanted, poll_seconds, link):
    """The order as the carrier has it. Placed again only once it is known not to be there."""
    for _ in range(ATTEMPTS_MAX):
        order = post(f"{port_path(port(operation).reference)}/orders").header("idempotency-key", operation.id)
        order = order.json({"mbps": wanted.mbps, "reference": operation.id})
        placed = attempted(order, poll_seconds, link) or find(operation.id, link)
        if placed:
            return placed
        # Not there, and still not there a little later.
        if link.last.repeats == 0:
            raise again(link.backoff())
    raise stuck(FaultKind.UNCERTAIN, f"{ATTEMPTS_MAX} orders were sent and the carrier has none")


def attempted(order, poll_seconds, link):
    """Sends the order; nothing where nobody knows whether it arrived."""
    match link.try_send(order):
        case str():
            return None
        case NotSent(temporary=True):
            raise again(link.backoff())
        case NotSent(detail=detail):
            raise stuck(FaultKind.OTHER, detail)
        case answer if answer.status in (200, 202):
            return answer.json(read)
        case answer if answer.status in (429, 503):
            raise again(answer.retry_after() or link.backoff())
        # Another order on the port is open: its turn comes first.
        case answer if answer.status == 409:
            raise again(poll_seconds)
        case answer if answer.status in (404, 422):
            raise refusal(answer)
        case answer if answer.status >= 500:
            return None
        case answer:
            raise answer.unexpected("")


def cancel(wanted, link):
    """Withdraws the order that another operation placed, named by the order's extra `reference`."""
    reference = next((extra.value for extra in wanted.extras if extra.name == "reference"), None)
    if reference is None:
        raise stuck(FaultKind.OTHER, "the order to cancel has no extra `reference`")
    order = find(reference, link)
    if order is None:
        raise rejected("not_found", "the carrier has no order of that reference")
    # A cancelled order stays cancelled, however often it is asked.
    answer = link.send(post(f"/v1/orders/{encode(order['id'])}/cancel").safe_to_repeat())
    if answer.status == 409:
        raise refusal(answer)
    answer.ok()
    return read_port(order["port"], link)


def find(reference, link):
    found = link.send(get("/v1/orders").query("reference", reference)).ok()
    return found.json(lambda found: next((read(order) for order in found["orders"]), None))


def read(order):
    # A status that is not among these is an answer that nobody expects, and stuck.
    if order["status"] not in STATUSES:
        raise ValueError(f"no such status: {order['status']}")
    return {**order, "id": text(order["id"]), "port": text(order["port"]), "mbps": whole(order["mbps"])}


def port_state(it):
    extras = [Extra("max_mbps", str(whole(it["max_mbps"])))]
    return PortState(text(it["id"]), whole(it["mbps"]), from_rfc3339(it.get("since")), b"", extras)


def settings(operation):
    try:
        given = json(operation.settings)
        unknown = given.keys() - {"poll_seconds"}
        if unknown:
            raise ValueError(f"unknown field {min(unknown)}")
        return whole(given.get("poll_seconds", 5))
    except (AttributeError, TypeError, ValueError) as error:
        raise stuck(FaultKind.OTHER, f"the settings do not fit: {error}") from None


def port(operation):
    if operation.port is None:
        raise stuck(FaultKind.OTHER, "the operation names no port")
    return operation.port


def text(value):
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def whole(value):
    if type(value) is not int or value < 0:
        raise TypeError(f"{value!r} is no whole number")
    return value


def refusal(answer):
    return answer.json(lambda refused: rejected(text(refused["code"]), text(refused["message"])))


def port_path(reference):
    return f"/v1/ports/{encode(reference)}"


def get(path):
    return Request.get(API, path).credentials(OAUTH)


def post(path):
    return Request.post(API, path).credentials(OAUTH)


Carrier = adapter(Plugin)
