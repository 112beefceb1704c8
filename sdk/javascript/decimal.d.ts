/** An exact decimal. Values never change. */
export class Decimal {
  /** Reads a decimal from a string, a whole number or a BigInt; throws for a number with a fraction. */
  static of(value: Decimal | string | number | bigint): Decimal;
  plus(other: Decimal | string | number | bigint): Decimal;
  minus(other: Decimal | string | number | bigint): Decimal;
  times(other: Decimal | string | number | bigint): Decimal;
  dividedBy(other: Decimal | string | number | bigint): Decimal;
  /** Less than 0, 0 or more than 0, as this is less than, equal to or more than the other. */
  compare(other: Decimal | string | number | bigint): number;
  /** Whether it has more digits before its point than can be carried. */
  get tooLarge(): boolean;
  /** The canonical string: at most 9 decimals, rounded half away from zero, no trailing zeros, no exponent. */
  toString(): string;
}
/** The most decimals a price or an amount may have. */
export const PLACES: number;
