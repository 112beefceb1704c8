import type { About, Extra } from "./common.js";
export { about, bytes, json, text } from "./common.js";
export type { About, Extra } from "./common.js";

export interface Description { about: About; extras: Extra[] }
export interface Theme {
  name: string;
  primary: string;
  accent: string;
  background: string;
  text: string;
  logoSvg: string;
  supportAddress: string;
  extras: Extra[];
}
export interface Label { key: string; text: string }
export interface Value { name: string; value: string }
export interface Asked { kind: string; language: string; settings: Uint8Array; values: Value[] }
export interface Message { subject: string; text: string; html: string }
export interface Document { title: string; introHtml: string; footerHtml: string; extras: Extra[] }
/** What an author writes. */
export interface Brand {
  describe(): Description;
  renderTheme(settings: Uint8Array): Theme;
  renderLabels(language: string, settings: Uint8Array): Label[];
  renderMessage(request: Asked): Message;
  renderDocument(request: Asked): Document;
}
/** What a module exports as `branding`. */
export function brand(plugin: Brand): Brand;
/** A label for one of the host's keys. */
export function label(key: string, text: string): Label;
/** The value of that name, or nothing. */
export function value(values: Value[], name: string): string;
/** Makes text safe to stand in markup. */
export function escape(text: string): string;
/** Each value that has a text, a line for it. */
export function lines(values: Value[]): string;
/** The same as a list in markup. */
export function listHtml(values: Value[]): string;
