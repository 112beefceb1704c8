// Brands: what a customer sees. Everything returned is data and small markup, which the host cleans before anyone sees it.

export { about, bytes, json, text } from "./common.js";

const MARKS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** What a module exports as `branding`: the functions of the interface, as they are. */
export const brand = (plugin) => plugin;

/** A label for one of the host's keys. */
export const label = (key, text) => ({ key, text });

/** The value of that name, or nothing. */
export const value = (values, name) => values.find((value) => value.name === name)?.value ?? "";

/** Makes text safe to stand in markup. */
export const escape = (text) => text.replace(/[&<>"']/g, (mark) => MARKS[mark]);

/** Each value that has a text, a line of `name: value` for it. */
export const lines = (values) => shown(values).map(({ name, value }) => `${name}: ${value}\n`).join("");

/** The same as a list in markup. */
export function listHtml(values) {
  const items = shown(values).map(({ name, value }) => `<li>${escape(name)}: ${escape(value)}</li>`).join("");
  return items && `<ul>${items}</ul>`;
}

const shown = (values) => values.filter(({ value }) => value !== "");
