import { fetchBytes } from './_fetch-bytes.js';
import type * as node from './_model-place.js';

export const placeOf: typeof node.placeOf = (given) => given;

/** Relative addresses are relative to the page. */
export const readBytes: typeof node.readBytes = fetchBytes;

export const isAddress: typeof node.isAddress = () => true;
