// What every world shares: text and bytes, JSON, and what a component says about itself.

import "./frozen.js";

/** The UTF-8 bytes of a text. */
export const bytes = (text) => new TextEncoder().encode(text);

/** The text of UTF-8 bytes; throws where they are none. */
export const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/** The value of a JSON document in UTF-8. */
export const json = (bytes) => JSON.parse(text(bytes));

/** What a component says about itself. `settings` is the JSON Schema of its settings. */
export const about = ({ name, version, summary, settings }) => ({
  name,
  version,
  summary,
  settingsSchema: bytes(typeof settings === "string" ? settings : JSON.stringify(settings)),
  extras: [],
});

/** Milliseconds since 1970 as a number. The interfaces carry more than a number holds exactly, which no real time needs. */
export const millis = (timestamp) => {
  const number = Number(timestamp);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${timestamp} is no time`);
  return number;
};

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970 of an RFC 3339 time; `undefined` where it is none. */
export const fromRfc3339 = (written) => {
  const time = RFC_3339.test(written ?? "") ? Date.parse(written.toUpperCase().replace(" ", "T")) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
};

/** The RFC 3339 form in UTC with milliseconds. */
export const toRfc3339 = (time) => new Date(time).toISOString();
