/// <reference lib="dom" />
import { fetchBytes } from './_fetch-bytes.js';
import type * as node from './_read-bytes.js';

/** Relative addresses are relative to the page. */
export const addressOf: typeof node.addressOf = (place) => new URL(place, location.href);

export const readBytes: typeof node.readBytes = fetchBytes;
