import { md5 as hash } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type * as node from './_md5.js';

/** Browsers know no MD5. */
export const md5: typeof node.md5 = (bytes) => bytesToHex(hash(bytes));
