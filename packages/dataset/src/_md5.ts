import { createHash } from 'node:crypto';

/** The MD5 sum in hexadecimal digits: the checksum that is published with the files. */
export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
