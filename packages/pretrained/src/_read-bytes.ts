import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fetchBytes } from './_fetch-bytes.js';

/** What a user's text means as an address: it may be a path too. */
export const addressOf = (place: string): URL =>
  // `C:\nets` has no two slashes; nor need `file:/nets` have them.
  /^(file:|[a-z][a-z0-9+.-]+:\/\/)/i.test(place) ? new URL(place) : pathToFileURL(resolve(place));

export const readBytes = (address: URL): Promise<Uint8Array> =>
  address.protocol === 'file:' ? readFile(address) : fetchBytes(address);
