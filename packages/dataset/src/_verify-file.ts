import type { NdArray } from 'ndarray';
import { md5 } from './_md5.js';
import { isZip, npzToIdx } from './_read-npz.js';
import type { PublishedFile } from './catalogue.js';
import { DatasetError } from './dataset-error.js';
import { type IdxArray, parseIdx, unpack } from './parse-idx.js';

/** How sure we are that the bytes are the published ones. */
type Proof = 'checksum' | 'structure';

export interface VerifiedFile {
  readonly array: NdArray<IdxArray>;
  readonly proof: Proof;
}

/** A verified file and where it was. */
export interface LocatedFile extends VerifiedFile {
  readonly source: string;
}

/**
 * Unpacks, parses and verifies the bytes of one published file.
 *
 * @param where the file's path or address, for errors
 * @param remedy what to do about it, for errors
 */
export function verifyFile(
  bytes: Uint8Array,
  file: PublishedFile,
  where: string,
  remedy: string,
): VerifiedFile {
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  // One byte over the published size is enough to know that it is too long, and bounds what a gzip bomb can do.
  const raw = isZip(bytes)
    ? npzToIdx(bytes, undefined, where, file.rawBytes)
    : unpack(bytes, where, file.rawBytes + 1, remedy);
  const array = parseIdx(raw, { fileName: where });
  if (raw.length !== file.rawBytes) {
    throw new DatasetError(
      'WRONG_SHAPE',
      `${where}: ${raw.length} bytes unpacked, shape [${array.shape.join(', ')}]; the published ${file.name} has ${file.rawBytes} bytes. ${remedy}`,
    );
  }
  if (file.rawMd5) {
    const found = md5(raw);
    if (found === file.rawMd5) return { array, proof: 'checksum' };
    throw new DatasetError(
      'WRONG_CHECKSUM',
      `${where}: MD5 of the unpacked bytes is ${found}, expected ${file.rawMd5}. The content is not the published ${file.name}. ${remedy}`,
    );
  }
  if (file.gzipMd5 && zipped) {
    const found = md5(bytes);
    if (found === file.gzipMd5) return { array, proof: 'checksum' };
    throw new DatasetError(
      'WRONG_CHECKSUM',
      `${where}: MD5 of the gzip file is ${found}, expected ${file.gzipMd5}. It is not the published ${file.name}.gz. ${remedy} ` +
        'If it was only packed anew, unpack it: of the unpacked file, size and header are verified.',
    );
  }
  return { array, proof: 'structure' };
}
