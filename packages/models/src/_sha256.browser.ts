import { sha256 as hash } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type * as node from './_sha256.js';

/** The browser's own is missing on pages that came over plain HTTP. */
export const sha256: typeof node.sha256 = (data) =>
  bytesToHex(hash(typeof data === 'string' ? new TextEncoder().encode(data) : data));
