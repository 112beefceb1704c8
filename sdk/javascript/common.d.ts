/** A value with a name: the room to grow of every record. */
export interface Extra { name: string; value: string }
/** What a component says about itself. */
export interface About { name: string; version: string; summary: string; settingsSchema: Uint8Array; extras: Extra[] }

/** The UTF-8 bytes of a text. */
export function bytes(text: string): Uint8Array;
/** The text of UTF-8 bytes; throws where they are none. */
export function text(bytes: Uint8Array): string;
/** The value of a JSON document in UTF-8. */
export function json(bytes: Uint8Array): any;
/** What a component says about itself; `settings` is the JSON Schema of its settings. */
export function about(says: { name: string; version: string; summary: string; settings: object | string }): About;
/** Milliseconds since 1970 of an RFC 3339 time; `undefined` where it is none. */
export function fromRfc3339(written: string | null | undefined): number | undefined;
/** The RFC 3339 form in UTC with milliseconds. */
export function toRfc3339(time: number): string;
