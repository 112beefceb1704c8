// Reading what the carrier answered. What cannot be read is a matter for a person, not a guess.

import { json } from "./common.js";
import { stuck } from "./halt.js";

/** A carrier that asks for more than an hour is asked again after one. */
const RETRY_AFTER_MAX_SECONDS = 3600;
/** How much of an unexpected answer is quoted. */
const QUOTED_CHARS = 200;

/** What the carrier answered. */
export class Response {
  constructor({ status, headers, body }) {
    Object.assign(this, { status, headers, body });
  }

  /** Itself where the status is 2xx; else stuck, quoting the answer. */
  ok() {
    if (this.status >= 200 && this.status < 300) return this;
    throw this.unexpected("");
  }

  /** The body read from JSON; stuck where it is none. `read` may make something of it, and is stuck where it throws. */
  json(read = (value) => value) {
    try {
      return read(json(this.body));
    } catch (error) {
      throw this.unexpected(` (${error.message})`);
    }
  }

  /** The first header of that name, whatever its case. */
  header(name) {
    return this.headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value;
  }

  /** The seconds that the carrier asks to wait, from 1 to 3600. `undefined` where it names none, or a date. */
  retryAfter() {
    const named = this.header("retry-after")?.trim() ?? "";
    return /^\d{1,10}$/.test(named) ? Math.min(Math.max(Number(named), 1), RETRY_AFTER_MAX_SECONDS) : undefined;
  }

  /** That nothing true can be said after this answer. */
  unexpected(why) {
    const quoted = [...new TextDecoder().decode(this.body)].slice(0, QUOTED_CHARS).join("");
    return stuck("unexpected-answer", `the carrier answered ${this.status}${why}: ${quoted}`);
  }
}
