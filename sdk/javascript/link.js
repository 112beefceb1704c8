// The link to the carrier as an adapter sees it: answers come from the journal, and the first request that has none ends
// the run. It never sends anything.

import { bytes, millis } from "./common.js";
import { Halt, again, stuck } from "./halt.js";
import { Response } from "./response.js";

/** After a day without a usable answer a person must look. */
const PATIENCE_MS = 24 * 60 * 60 * 1000;
const BACKOFF_FIRST_SECONDS = 2;
const BACKOFF_MAX_SECONDS = 300;

/** Where an adapter sends its requests. */
export class Link {
  #askedAt;
  #journal;
  #used = 0;
  // What the first request without a place in the journal ended the run with. It holds whatever the adapter makes of it:
  // what comes after cannot be known yet.
  #halted = undefined;

  constructor(askedAt, journal) {
    this.#askedAt = millis(askedAt);
    this.#journal = journal.map((exchange) => ({
      ...exchange,
      at: millis(exchange.at),
      first: millis(exchange.first),
      answer: exchange.answer.tag === "answered"
        ? { tag: "answered", val: new Response(exchange.answer.val) }
        : exchange.answer,
    }));
  }

  /**
   * The carrier's answer. Waits by itself while the carrier is busy (429, 503), cannot be reached, or, for a repeatable
   * request, fails (500, 502, 504) or loses the answer; for at most a day, then stuck. A lost answer to any other request
   * is stuck: use `trySend` where the adapter can find out.
   */
  send(request) {
    const what = `${request.method} ${request.target}`;
    const { tag, val } = this.trySend(request);
    if (tag === "answered") {
      const busy = [429, 503].includes(val.status) || (request.repeatable && [500, 502, 504].includes(val.status));
      if (busy) throw this.#wait(what, val.retryAfter());
      return val;
    }
    if (tag === "not-sent" && !val.temporary) throw stuck("other", `${what} may not be sent: ${val.detail}`);
    if (tag === "lost" && !request.repeatable) {
      throw stuck("uncertain", `nobody knows whether ${what} arrived: ${val}`);
    }
    throw this.#wait(what, undefined);
  }

  /** The raw answer, `{ tag: "answered" | "lost" | "not-sent", val }`, after which the adapter decides by itself. */
  trySend(request) {
    if (this.#halted) throw this.#halted;
    const exchange = this.#journal[this.#used];
    const problem = exchange && difference(exchange.request, request);
    if (exchange && !problem) {
      this.#used += 1;
      return exchange.answer;
    }
    this.#halted = exchange
      ? stuck("diverged", `request ${this.#used + 1} is not the one in the journal: their ${problem}`)
      : new Halt({ tag: "send", val: request });
    throw this.#halted;
  }

  /** The latest exchange that this run has read. */
  get last() {
    return this.#journal[this.#used - 1];
  }

  /**
   * When the latest answer came, in milliseconds since 1970; before any, when the operation was asked for. There is no
   * other clock.
   */
  now() {
    return this.last?.at ?? this.#askedAt;
  }

  /** Seconds to wait before repeating the last request: 2, doubled with each repetition, at most 300. */
  backoff() {
    return Math.min(BACKOFF_FIRST_SECONDS * 2 ** (this.last?.repeats ?? 0), BACKOFF_MAX_SECONDS);
  }

  /** The step that a run ends with: never one that leaves a part of the journal unread. */
  finish(end) {
    const step = this.#halted?.step ?? end;
    if (step.tag === "stuck") return step;
    if (this.#used < this.#journal.length) {
      const unread = `the run ends after ${this.#used} of the journal's ${this.#journal.length} exchanges`;
      return stuck("diverged", unread).step;
    }
    if (step.tag !== "again") return step;
    if (!this.last) return stuck("other", "there is no request to repeat yet").step;
    if (this.last.answer.tag === "lost" && !this.last.request.repeatable) {
      return stuck("uncertain", "a lost request that is not repeatable cannot be repeated").step;
    }
    return step;
  }

  #wait(what, carrierSeconds) {
    const last = this.last;
    if (last && last.at - last.first > PATIENCE_MS) {
      return stuck("other", `${what} has had no usable answer for a day, ${last.repeats + 1} attempts`);
    }
    return again(carrierSeconds ?? this.backoff());
  }
}

/** Where the two requests first differ, in words; `undefined` where they are the same. */
function difference(recorded, asked) {
  const lines = (request) => request.headers.map(({ name, value }) => `${name}: ${value}\n`).join("");
  const parts = [
    ["methods", recorded.method, asked.method],
    ["destination", recorded.destination, asked.destination],
    ["targets", recorded.target, asked.target],
    ["headers", lines(recorded), lines(asked)],
    ["bodies", recorded.body, asked.body],
    ["credentials", recorded.credential ?? "", asked.credential ?? ""],
    ["claims to be repeatable", Uint8Array.of(recorded.repeatable), Uint8Array.of(asked.repeatable)],
  ];
  const raw = (part) => (typeof part === "string" ? bytes(part) : part);
  for (const [part, a, b] of parts) {
    const byte = firstDifference(raw(a), raw(b));
    if (byte !== undefined) return `${part} differ from byte ${byte} on`;
  }
  return undefined;
}

function firstDifference(a, b) {
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common]) common += 1;
  return common < a.length || common < b.length ? common : undefined;
}
