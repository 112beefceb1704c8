// @ts-check
// A committed rate: so much per Mbps for a whole billing period, shared over time. What was delivered for a quarter of the
// period costs a quarter. It prices to the byte as `plugins/pricing-committed` does.

import { about, charge, Decimal, hours, intervals, length, rule, settings, share } from "./sdk/javascript/pricing.js";

const WRITTEN = /^[0-9]{1,9}(\.[0-9]{1,9})?$/;

const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  additionalProperties: false,
  required: ["price_per_mbps"],
  properties: {
    price_per_mbps: {
      type: "string",
      pattern: WRITTEN.source,
      description: "The price of one Mbps for a whole billing period, such as 0.40",
    },
  },
  examples: [{ price_per_mbps: "0.40" }],
};

export const plugin = {
  describe: () => ({
    about: about({
      name: "pricing-committed-javascript",
      version: "0.1.0",
      summary: "A monthly price by time-weighted speed",
      settings: schema,
    }),
    properties: { additive: true, monotone: true },
    extras: [],
  }),

  price(request) {
    const price = settings(request, read);
    const ofPeriod = hours(length(request.period));
    return intervals(request).map((interval) => {
      const quantity = share(Decimal.of(interval.mbps), interval, request.period);
      return charge(interval, {
        code: "bandwidth",
        description: `Bandwidth, ${interval.mbps} Mbps`,
        quantity: String(quantity),
        unit: "Mbps period",
        unitPrice: String(price),
        amount: share(price.times(interval.mbps), interval, request.period),
        explanation:
          `${interval.mbps} Mbps at ${price} ${request.currency} per Mbps and billing period, ` +
          `for ${hours(length(interval))} of the period's ${ofPeriod} hours`,
      });
    });
  },
};

function read({ price_per_mbps, ...unknown }) {
  if (Object.keys(unknown).length > 0) throw new Error(`unknown field ${Object.keys(unknown)[0]}`);
  return Decimal.of(price_per_mbps);
}

export const pricing = rule(plugin);
