import type { About, Extra } from "./common.js";
import type { Decimal } from "./decimal.js";
export { about, bytes, json, text } from "./common.js";
export type { About, Extra } from "./common.js";
export { Decimal } from "./decimal.js";

export interface Description { about: About; properties: { additive: boolean; monotone: boolean }; extras: Extra[] }
/** Half-open, in milliseconds since 1970. */
export interface Period { start: number; end: number }
/** A stretch of one verified speed; what is above `baseMbps` is a burst. */
export interface Interval extends Period { mbps: number; baseMbps: number; extras: Extra[] }
export interface Samples { start: number; stepSeconds: number; mbps: Uint32Array }
export interface Event { at: number; name: string; quantity: string; extras: Extra[] }
export type Fact =
  | { tag: "interval"; val: Interval }
  | { tag: "samples"; val: Samples }
  | { tag: "event"; val: Event }
  | { tag: "other"; val: Extra };
export interface Request {
  period: Period;
  timeZone: string;
  currency: string;
  settings: Uint8Array;
  facts: Fact[];
  extras: Extra[];
}
export interface Charge extends Period {
  code: string;
  description: string;
  quantity: string;
  unit: string;
  unitPrice: string;
  amount: string;
  explanation: string;
  extras: Extra[];
}
/** What an author writes. */
export interface Rule { describe(): Description; price(request: Request): Charge[] }

/** What a module exports as `pricing`. */
export function rule(plugin: Rule): { describe(): Description; price(request: any): { charges: any[]; extras: Extra[] } };
/** Why a rule does not price, to be thrown. */
export class Refusal extends Error { payload: { code: string; message: string } }
export function refused(code: string, message: string): Refusal;
/** The settings, made into something by `read`; refused as `bad_settings` where it throws. */
export function settings<T = any>(request: Request, read?: (given: any) => T): T;
/** The intervals; refused as `unsupported_fact` where there is another fact. */
export function intervals(request: Request): Interval[];
/** The length in milliseconds. */
export function length(stretch: Period): number;
/** Milliseconds in hours. */
export function hours(ms: number): Decimal;
/** The interval's share of what costs this much for the whole period. */
export function share(whole: Decimal | string, interval: Interval, period: Period): Decimal;
/** What costs this much an hour, for the exact length of the interval. */
export function hourly(anHour: Decimal | string, interval: Interval): Decimal;
/** A charge for the interval as a whole: one piece at the amount, and whatever else is given. */
export function charge(
  interval: Interval,
  given: { code: string; amount: Decimal | string; explanation: string } & Partial<Omit<Charge, "amount">>,
): Charge;
