// Adapters. An adapter is written straight down, as if its requests were sent while it runs; it is run again over the
// journal of what was answered so far, and the first request without an answer is what the host sends next. So it must
// ask the same things in the same order whenever it is given the same answers.

import { Halt } from "./halt.js";
import { Link } from "./link.js";

export { about, bytes, fromRfc3339, json, text, toRfc3339 } from "./common.js";
export { again, rejected, stuck } from "./halt.js";
export { encode, Request } from "./request.js";
export { Link } from "./link.js";

/**
 * What a module exports as `carrier`. `describe()` gives the description, `run(operation, link)` an outcome, and
 * `notified(headers, body)`, which may be missing, the keys that a push is about.
 */
export const adapter = (plugin) => ({
  describe: () => plugin.describe(),
  next: (operation, journal) => next(plugin, operation, journal),
  notified: (headers, body) => plugin.notified?.(headers, body) ?? [],
});

/** What the host is to do next for this operation after these exchanges. */
export function next(plugin, operation, journal) {
  const link = new Link(operation.askedAt, journal);
  return exact(link.finish(ran(plugin, operation, link)));
}

function ran(plugin, operation, link) {
  try {
    return { tag: "done", val: plugin.run(operation, link) };
  } catch (thrown) {
    if (thrown instanceof Halt) return thrown.step;
    // Whatever else was thrown is a mistake of the adapter's, and somebody has to see which.
    return { tag: "stuck", val: { kind: "other", message: `the adapter failed: ${thrown}` } };
  }
}

/** The outcomes. Times are numbers of milliseconds. */
export const state = (port) => ({ tag: "state", val: portState(port) });
export const states = (ports, next) => ({ tag: "states", val: { ports: ports.map(portState), next: next ?? undefined } });
export const applied = (port) => ({ tag: "applied", val: portState(port) });
export const feasible = { tag: "feasible" };
export const other = (name, value) => ({ tag: "other", val: { name, value } });

const portState = ({ reference, mbps, since, carrierData, extras }) => ({
  reference,
  mbps,
  since,
  carrierData: carrierData ?? new Uint8Array(),
  extras: extras ?? [],
});

/** The interfaces carry times as 64-bit integers. */
function exact(step) {
  if (step.tag !== "done") return step;
  const ports = { state: [step.val.val], applied: [step.val.val], states: step.val.val?.ports }[step.val.tag] ?? [];
  for (const port of ports) port.since = port.since === undefined ? undefined : BigInt(port.since);
  return step;
}

/** An answer that has not come after so many steps never will. */
const STEPS_MAX = 1000;
/** How long each answer takes. */
const ANSWER_MS = 100;

/**
 * Carries an operation out step by step as a host does, `carrier(request)` being the carrier: for an adapter's own tests.
 * Gives the last step, each request with its latest answer, and every wait.
 */
export function rehearse(plugin, operation, carrier) {
  const [journal, waits] = [[], []];
  let now = Number(operation.askedAt);
  let end = next(plugin, operation, journal);
  for (let step = 1; step < STEPS_MAX && (end.tag === "send" || end.tag === "again"); step += 1) {
    now += ANSWER_MS;
    if (end.tag === "send") {
      journal.push({ request: end.val, answer: carrier(end.val), at: BigInt(now), first: BigInt(now), repeats: 0 });
    } else {
      now += end.val.afterSeconds * 1000;
      waits.push(end.val);
      const last = journal.at(-1);
      Object.assign(last, { answer: carrier(last.request), at: BigInt(now), repeats: last.repeats + 1 });
    }
    end = next(plugin, operation, journal);
  }
  return { end, journal, waits, requests: journal.map(({ request }) => `${request.method} ${request.target}`) };
}

/** Answers for a rehearsal. */
export const answers = {
  json: (status, body) => answered(status, [], typeof body === "string" ? body : JSON.stringify(body)),
  throttled: (seconds) => answered(429, [{ name: "Retry-After", value: String(seconds) }], ""),
  lost: (why) => ({ tag: "lost", val: why }),
  unreachable: () => ({ tag: "not-sent", val: { temporary: true, detail: "connection refused" } }),
};

const answered = (status, headers, body) => ({
  tag: "answered",
  val: { status, headers, body: new TextEncoder().encode(body) },
});
