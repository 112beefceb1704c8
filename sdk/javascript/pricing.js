// Pricing rules: a rule is told the facts of one contract within one billing period and returns charges. It is not told
// whether it makes a quote, an invoice or a replay.

import { json, millis } from "./common.js";
import { Decimal } from "./decimal.js";

export { about, bytes, json, text } from "./common.js";
export { Decimal } from "./decimal.js";

const HOUR_MS = 3_600_000;

/** Why a rule does not price: a stable code of its own and a text for people. It is thrown. */
export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    // What the engine returns as the call's error.
    this.payload = { code, message };
  }
}

/** A refusal, to be thrown. */
export const refused = (code, message) => new Refusal(code, message);

/** What a module exports as `pricing`: `describe()` gives the description, `price(request)` the charges. */
export const rule = (plugin) => ({
  describe: () => plugin.describe(),
  price: (request) => {
    try {
      return { charges: plugin.price(readable(request)).map(exact), extras: [] };
    } catch (thrown) {
      // Whatever else was thrown is a mistake of the rule's, and somebody has to see which.
      throw thrown instanceof Refusal ? thrown : refused("plugin_failed", String(thrown));
    }
  },
});

/** The interfaces carry times as 64-bit integers, the rule sees numbers. */
const readable = (request) => ({
  ...request,
  period: times(request.period),
  facts: request.facts.map(({ tag, val }) => ({ tag, val: times(val) })),
});

function times(value) {
  const read = { ...value };
  for (const name of ["start", "end", "at"]) if (name in read) read[name] = millis(read[name]);
  return read;
}

const exact = (charge) => ({ ...charge, start: BigInt(charge.start), end: BigInt(charge.end) });

/** The settings of the activation, made into something by `read`; refused as `bad_settings` where it throws. */
export function settings(request, read = (value) => value) {
  try {
    return read(json(request.settings));
  } catch (error) {
    throw refused("bad_settings", `the settings do not fit: ${error.message}`);
  }
}

/**
 * The intervals, for a rule that prices nothing else: refused as `unsupported_fact` where there is another fact, since
 * nothing that was delivered may go unpriced unnoticed.
 */
export const intervals = (request) =>
  request.facts.map(({ tag, val }) => {
    if (tag !== "interval") throw refused("unsupported_fact", "this rule prices intervals only");
    return val;
  });

/** The length in milliseconds; 0 where it ends before it starts. */
export const length = ({ start, end }) => Math.max(end - start, 0);

/** Milliseconds in hours, for an explanation. */
export const hours = (ms) => Decimal.of(ms).dividedBy(HOUR_MS);

/** The interval's share of what costs this much for the whole period. Refused where one of them is empty. */
export function share(whole, interval, period) {
  if (length(period) === 0) throw refused("bad_period", "the billing period is empty");
  return part(whole, interval, length(period));
}

/** What costs this much an hour, for the exact length of the interval. */
export const hourly = (anHour, interval) => part(anHour, interval, HOUR_MS);

/** Multiplies first, so that the one division is the only inexact step. */
function part(whole, interval, ofMillis) {
  if (length(interval) === 0) throw refused("bad_interval", "an interval is empty");
  const product = Decimal.of(whole).times(length(interval));
  if (product.tooLarge) throw refused("amount_too_large", "an amount has more than 28 digits");
  return product.dividedBy(ofMillis);
}

/** A charge for the interval as a whole: one piece at the amount, and whatever else is given. */
export const charge = (interval, { code, amount, explanation, ...rest }) => ({
  start: interval.start,
  end: interval.end,
  code,
  description: `${interval.mbps} Mbps`,
  quantity: "1",
  unit: "interval",
  unitPrice: String(amount),
  amount: String(amount),
  explanation,
  extras: [],
  ...rest,
});
