// Building requests. Nothing is sent here, and no secret is ever in one: the host injects the credential that it names.

import { bytes } from "./common.js";

/** Percent-encodes a value so that it is one path segment or one query value (RFC 3986, 2.3). */
export const encode = (value) =>
  encodeURIComponent(value).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** What an adapter asks the host to send. */
export class Request {
  headers = [];
  body = new Uint8Array();
  credential = undefined;

  constructor(method, destination, target, repeatable) {
    Object.assign(this, { method, destination, target, repeatable });
  }

  static get = (destination, target) => new Request("GET", destination, target, true);
  /** Repeatable by its definition, as GET and DELETE are (RFC 9110, 9.2.2). */
  static put = (destination, target) => new Request("PUT", destination, target, true);
  static delete = (destination, target) => new Request("DELETE", destination, target, true);
  /** Not repeatable unless said so, as PATCH is. */
  static post = (destination, target) => new Request("POST", destination, target, false);
  static patch = (destination, target) => new Request("PATCH", destination, target, false);

  /** Adds a query parameter, encoded. */
  query(name, value) {
    this.target += `${this.target.includes("?") ? "&" : "?"}${encode(name)}=${encode(value)}`;
    return this;
  }

  header(name, value) {
    this.headers.push({ name, value });
    return this;
  }

  /** Names the credential that the host is to inject. */
  as(credential) {
    this.credential = credential;
    return this;
  }

  /** Sends this as JSON. */
  json(body) {
    this.body = bytes(JSON.stringify(body));
    return this.header("content-type", "application/json");
  }

  /** States that sending it twice has the effect of sending it once. */
  safeToRepeat() {
    this.repeatable = true;
    return this;
  }
}
