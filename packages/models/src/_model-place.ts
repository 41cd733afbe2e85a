import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fetchBytes } from './_fetch-bytes.js';

/** The path or web address that a user's text means; a `file:` URL is a path. */
export function placeOf(given: string): string {
  return /^file:/i.test(given) ? fileURLToPath(given) : given;
}

export function readBytes(place: string): Promise<Uint8Array> {
  return isAddress(place) ? fetchBytes(place) : readFile(place);
}

/** `http://...`, but not `C:\...`. */
export function isAddress(place: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(place);
}
