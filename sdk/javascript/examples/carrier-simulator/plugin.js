// @ts-check
// The adapter for the simulated carrier: orders are asynchronous, so it polls; its orders have idempotency keys and can be
// looked up by our reference, so a lost answer is found out about and never guessed. It asks for the same things, byte for
// byte, as `plugins/carrier-simulator` does.

import {
  about,
  adapter,
  again,
  applied,
  encode,
  feasible,
  fromRfc3339,
  json,
  other,
  rejected,
  Request,
  state,
  states,
  stuck,
} from "./sdk/javascript/carrier.js";

const API = "api";
const OAUTH = "oauth";
/** How often an order that did not arrive is placed. */
const ATTEMPTS_MAX = 5;
const STATUSES = ["ACCEPTED", "PROVISIONING", "COMPLETED", "REJECTED", "CANCELLED"];

const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  additionalProperties: false,
  properties: {
    poll_seconds: {
      type: "integer",
      minimum: 1,
      maximum: 3600,
      default: 5,
      description: "How long to wait before an open order is asked about again",
    },
  },
};

export const plugin = {
  describe: () => ({
    about: about({
      name: "carrier-simulator-javascript",
      version: "0.1.0",
      summary: "Orders bandwidth from the simulated carrier",
      settings: schema,
    }),
    destinations: [{ handle: API, summary: "The carrier's API" }],
    credentials: [
      { handle: OAUTH, summary: "OAuth 2 client credentials of an account with the carrier", destinations: [API] },
    ],
    rules: {
      minMbps: 100,
      maxMbps: 400_000,
      stepMbps: 100,
      speedsMbps: [],
      mayDecrease: true,
      lockOutSeconds: 0,
      changesInFlight: 1,
      settleSeconds: 5,
      billingGranularitySeconds: 1,
      hasIdempotencyKeys: true,
      hasLookupByReference: true,
      extras: [],
    },
    extras: [],
  }),

  run(operation, link) {
    const { tag, val } = operation.task;
    switch (tag) {
      case "read-port":
        return readPort(port(operation).reference, link);
      case "list-ports":
        return listPorts(val, link);
      case "check-change":
        return check(port(operation).reference, val, link);
      case "change-bandwidth":
        return change(operation, val, link);
      case "cancel":
        return cancel(val, link);
      case "probe":
        return other("account", link.send(get("/v1/ping")).ok().json((account) => string(account.account)));
      default:
        throw rejected("unsupported", `this adapter has no task ${val.name}`);
    }
  },

  notified(_headers, body) {
    try {
      return [string(json(body).order.id)];
    } catch {
      return [];
    }
  },
};

function readPort(reference, link) {
  const answer = link.send(get(portPath(reference)));
  if (answer.status === 404) throw refusal(answer);
  return state(answer.ok().json(portState));
}

function listPorts(cursor, link) {
  const page = link.send(get("/v1/ports").query("cursor", cursor)).ok();
  return page.json(({ ports, next }) => states(ports.map(portState), next));
}

function check(reference, order, link) {
  // It changes nothing, so it may be asked as often as it takes.
  const request = post(`${portPath(reference)}/check`).json({ mbps: order.mbps }).safeToRepeat();
  const answer = link.send(request);
  if ([404, 422].includes(answer.status)) throw refusal(answer);
  const checked = answer.ok().json();
  if (checked.feasible) return feasible;
  throw rejected(checked.code ?? "", checked.message ?? "");
}

/** Orders the speed and waits until the carrier has carried it out. */
function change(operation, wanted, link) {
  const pollSeconds = settings(operation);
  const placed = place(operation, wanted, pollSeconds, link);
  // `again` repeats this request, and its new answer is what the next run sees.
  const order = link.send(get(`/v1/orders/${encode(placed.id)}`)).ok().json(read);
  switch (order.status) {
    case "COMPLETED":
      return applied({ reference: order.port, mbps: order.mbps, since: fromRfc3339(order.completed_at) });
    case "REJECTED":
      throw rejected(order.reason?.code ?? "rejected", order.reason?.message ?? "the carrier gives no reason");
    case "CANCELLED":
      throw rejected("cancelled", "the order was cancelled");
    default:
      throw again(pollSeconds).orWhen(order.id);
  }
}

/** The order as the carrier has it. Placed again only once it is known not to be there. */
function place(operation, wanted, pollSeconds, link) {
  const order = () =>
    post(`${portPath(port(operation).reference)}/orders`)
      .header("idempotency-key", operation.id)
      .json({ mbps: wanted.mbps, reference: operation.id });
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const placed = attempted(order(), pollSeconds, link) ?? find(operation.id, link);
    if (placed) return placed;
    // Not there, and still not there a little later.
    if (link.last.repeats === 0) throw again(link.backoff());
  }
  throw stuck("uncertain", `${ATTEMPTS_MAX} orders were sent and the carrier has none`);
}

/** Sends the order; nothing where nobody knows whether it arrived. */
function attempted(order, pollSeconds, link) {
  const { tag, val } = link.trySend(order);
  if (tag === "lost") return undefined;
  if (tag === "not-sent") throw val.temporary ? again(link.backoff()) : stuck("other", val.detail);
  if ([200, 202].includes(val.status)) return val.json(read);
  if ([429, 503].includes(val.status)) throw again(val.retryAfter() ?? link.backoff());
  // Another order on the port is open: its turn comes first.
  if (val.status === 409) throw again(pollSeconds);
  if ([404, 422].includes(val.status)) throw refusal(val);
  if (val.status >= 500) return undefined;
  throw val.unexpected("");
}

/** Withdraws the order that another operation placed, named by the order's extra `reference`. */
function cancel(wanted, link) {
  const reference = wanted.extras.find((extra) => extra.name === "reference")?.value;
  if (reference === undefined) throw stuck("other", "the order to cancel has no extra `reference`");
  const order = find(reference, link);
  if (!order) throw rejected("not_found", "the carrier has no order of that reference");
  // A cancelled order stays cancelled, however often it is asked.
  const answer = link.send(post(`/v1/orders/${encode(order.id)}/cancel`).safeToRepeat());
  if (answer.status === 409) throw refusal(answer);
  answer.ok();
  return readPort(order.port, link);
}

function find(reference, link) {
  const found = link.send(get("/v1/orders").query("reference", reference)).ok();
  return found.json(({ orders }) => orders.map(read)[0]);
}

function read(order) {
  // A status that is not among these is an answer that nobody expects, and stuck.
  if (!STATUSES.includes(order.status)) throw new TypeError(`no such status: ${order.status}`);
  return { ...order, id: string(order.id), port: string(order.port), mbps: whole(order.mbps) };
}

const portState = ({ id, mbps, max_mbps, since }) => ({
  reference: string(id),
  mbps: whole(mbps),
  since: fromRfc3339(since),
  extras: [{ name: "max_mbps", value: String(whole(max_mbps)) }],
});

function settings(operation) {
  const { poll_seconds = 5, ...unknown } = json(operation.settings);
  if (Object.keys(unknown).length > 0) throw stuck("other", `the settings do not fit: ${Object.keys(unknown)[0]}`);
  return whole(poll_seconds);
}

function port(operation) {
  if (!operation.port) throw stuck("other", "the operation names no port");
  return operation.port;
}

function string(value) {
  if (typeof value !== "string") throw new TypeError(`${JSON.stringify(value)} is no text`);
  return value;
}

function whole(value) {
  if (!Number.isInteger(value) || value < 0) throw new TypeError(`${JSON.stringify(value)} is no whole number`);
  return value;
}

const refusal = (answer) => answer.json(({ code, message }) => rejected(string(code), string(message)));
const portPath = (reference) => `/v1/ports/${encode(reference)}`;
const get = (path) => Request.get(API, path).as(OAUTH);
const post = (path) => Request.post(API, path).as(OAUTH);

export const carrier = adapter(plugin);
