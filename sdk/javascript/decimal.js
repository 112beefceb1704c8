// Exact decimals. A JavaScript number is a binary fraction: 0.1 + 0.2 is not 0.3, and money must be.

/** The most decimals a price or an amount may have. */
export const PLACES = 9;
/** Where a division stops. */
const QUOTIENT_PLACES = 28;
/** What the interfaces' other side holds. */
const DIGITS_MAX = 28;

const WRITTEN = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?$/;

/** A whole number of a decimal place's units. Values never change. */
export class Decimal {
  constructor(units, places) {
    if (places >= 0) Object.assign(this, { units, places });
    else Object.assign(this, { units: units * 10n ** BigInt(-places), places: 0 });
    Object.freeze(this);
  }

  /** Reads a decimal from a string, a whole number or a BigInt. A number with a fraction has lost digits already. */
  static of(value) {
    if (value instanceof Decimal) return value;
    if (typeof value === "bigint" || Number.isSafeInteger(value)) return new Decimal(BigInt(value), 0);
    const read = typeof value === "string" ? WRITTEN.exec(value) : null;
    if (!read) throw new TypeError(`${String(value)} is no decimal: write it as a string of digits`);
    const [, minus, whole, fraction = "", exponent = "0"] = read;
    return new Decimal(BigInt(`${minus}${whole}${fraction}`), fraction.length - Number(exponent));
  }

  plus(other) {
    const [a, b, places] = aligned(this, Decimal.of(other));
    return new Decimal(a + b, places);
  }

  minus(other) {
    const [a, b, places] = aligned(this, Decimal.of(other));
    return new Decimal(a - b, places);
  }

  times(other) {
    const factor = Decimal.of(other);
    return new Decimal(this.units * factor.units, this.places + factor.places);
  }

  dividedBy(other) {
    const divisor = Decimal.of(other);
    if (divisor.units === 0n) throw new RangeError("a division by zero");
    const scale = 10n ** BigInt(QUOTIENT_PLACES + divisor.places);
    return new Decimal(rounded(this.units * scale, divisor.units * 10n ** BigInt(this.places)), QUOTIENT_PLACES);
  }

  /** Less than 0, 0 or more than 0, as this is less than, equal to or more than the other. */
  compare(other) {
    const [a, b] = aligned(this, Decimal.of(other));
    return a < b ? -1 : Number(a > b);
  }

  /** Whether it has more digits before its point than can be carried. */
  get tooLarge() {
    return magnitude(this.units) >= 10n ** BigInt(DIGITS_MAX + this.places);
  }

  /** The canonical string: at most 9 decimals, rounded half away from zero, no trailing zeros, no exponent. */
  toString() {
    const excess = Math.max(this.places - PLACES, 0);
    const units = rounded(this.units, 10n ** BigInt(excess));
    const places = this.places - excess;
    const digits = magnitude(units).toString().padStart(places + 1, "0");
    const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
    const whole = digits.slice(0, digits.length - places);
    return `${units < 0n ? "-" : ""}${whole}${places > 0 && fraction ? `.${fraction}` : ""}`;
  }
}

const magnitude = (units) => (units < 0n ? -units : units);

function aligned(a, b) {
  const places = Math.max(a.places, b.places);
  const raised = (decimal) => decimal.units * 10n ** BigInt(places - decimal.places);
  return [raised(a), raised(b), places];
}

/** The quotient, rounded half away from zero. */
function rounded(dividend, divisor) {
  const [a, b] = [magnitude(dividend), magnitude(divisor)];
  const quotient = (a * 2n + b) / (b * 2n);
  return (dividend < 0n) === (divisor < 0n) ? quotient : -quotient;
}
