import type { About, Extra } from "./common.js";
export { about, bytes, fromRfc3339, json, text, toRfc3339 } from "./common.js";
export type { About, Extra } from "./common.js";

export interface Rules {
  minMbps: number;
  maxMbps: number;
  stepMbps: number;
  /** The only speeds there are; empty where every step is sold. */
  speedsMbps: number[];
  mayDecrease: boolean;
  lockOutSeconds: number;
  changesInFlight: number;
  settleSeconds: number;
  billingGranularitySeconds: number;
  hasIdempotencyKeys: boolean;
  hasLookupByReference: boolean;
  extras: Extra[];
}
export interface Description {
  about: About;
  destinations: { handle: string; summary: string }[];
  credentials: { handle: string; summary: string; destinations: string[] }[];
  rules: Rules;
  extras: Extra[];
}
export interface Order { mbps: number; fromMbps: number; extras: Extra[] }
export type Task =
  | { tag: "read-port" | "probe" }
  | { tag: "list-ports"; val: string }
  | { tag: "check-change" | "change-bandwidth" | "cancel"; val: Order }
  | { tag: "other"; val: Extra };
export interface Operation {
  /** Unique for ever: the seed of anything that must be unique. */
  id: string;
  askedAt: bigint;
  settings: Uint8Array;
  port?: { reference: string; carrierData: Uint8Array };
  task: any;
  extras: Extra[];
}
export interface Header { name: string; value: string }
export type Answer =
  | { tag: "answered"; val: Response }
  | { tag: "lost"; val: string }
  | { tag: "not-sent"; val: { temporary: boolean; detail: string } };
export interface Exchange { request: Request; answer: Answer; at: number; first: number; repeats: number }
/** A port as the carrier shows it; times are milliseconds since 1970. */
export interface PortState { reference: string; mbps: number; since?: number; carrierData?: Uint8Array; extras?: Extra[] }
export type Outcome = { tag: string; val?: any };

/** What an author writes. */
export interface Adapter {
  describe(): Description;
  run(operation: Operation, link: Link): Outcome;
  notified?(headers: Header[], body: Uint8Array): string[];
}
/** What a module exports as `carrier`. */
export function adapter(plugin: Adapter): object;
/** What the host is to do next for this operation after these exchanges. */
export function next(plugin: Adapter, operation: Operation, journal: any[]): any;

export class Halt extends Error {
  /** Wakes a waiting operation early when a push names this key. */
  orWhen(key: string): this;
}
/** Repeats the last request after so many seconds. To be thrown. */
export function again(afterSeconds: number): Halt;
/** The carrier said no. To be thrown. */
export function rejected(code: string, text: string): Halt;
/** No true answer exists: a person must look. To be thrown. */
export function stuck(kind: "diverged" | "unexpected-answer" | "uncertain" | "other", message: string): Halt;

export function state(port: PortState): Outcome;
export function states(ports: PortState[], next?: string | null): Outcome;
export function applied(port: PortState): Outcome;
export const feasible: Outcome;
export function other(name: string, value: string): Outcome;

/** Percent-encodes a value so that it is one path segment or one query value. */
export function encode(value: string): string;
export class Request {
  static get(destination: string, target: string): Request;
  static put(destination: string, target: string): Request;
  static delete(destination: string, target: string): Request;
  static post(destination: string, target: string): Request;
  static patch(destination: string, target: string): Request;
  method: string;
  target: string;
  query(name: string, value: string): this;
  header(name: string, value: string): this;
  /** Names the credential that the host is to inject. */
  as(credential: string): this;
  json(body: unknown): this;
  /** States that sending it twice has the effect of sending it once. */
  safeToRepeat(): this;
}
export class Response {
  status: number;
  headers: Header[];
  body: Uint8Array;
  /** Itself where the status is 2xx; else stuck. */
  ok(): this;
  /** The body read from JSON; stuck where it is none, or where `read` throws. */
  json<T = any>(read?: (value: any) => T): T;
  header(name: string): string | undefined;
  retryAfter(): number | undefined;
  /** That nothing true can be said after this answer. To be thrown. */
  unexpected(why: string): Halt;
}
export class Link {
  /** The carrier's answer, once it is there; waits out whatever may pass. */
  send(request: Request): Response;
  /** The raw answer, after which the adapter decides by itself. */
  trySend(request: Request): Answer;
  get last(): Exchange | undefined;
  /** Milliseconds since 1970: the only clock. */
  now(): number;
  backoff(): number;
}

/** Carries an operation out as a host does: for tests. */
export function rehearse(
  plugin: Adapter,
  operation: Operation,
  carrier: (request: Request) => any,
): { end: any; journal: any[]; waits: { afterSeconds: number; wakeOn: string[] }[]; requests: string[] };
/** Answers for a rehearsal. */
export const answers: {
  json(status: number, body: unknown): any;
  throttled(seconds: number): any;
  lost(why: string): any;
  unreachable(): any;
};
