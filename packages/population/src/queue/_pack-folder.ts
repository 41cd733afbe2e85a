import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { listFiles } from '../_folder-files.js';
import { parseJson, strictObject, wholeNumber } from '../_read-json-file.js';
import { pathsFault } from '../_stored-path.js';
import { isStorageError } from '../_typed-errors.js';
import { PopulationError } from '../population-error.js';
import { LARGEST_BLOB_BYTES } from './_queue-messages.js';

const MAGIC = 'MNPF';
const MOST_FILES = 10_000;
const LONGEST_HEADER = 4 * 1024 * 1024;
const headerSchema = v.pipe(
  v.array(strictObject({ path: v.string(), bytes: wholeNumber })),
  v.maxLength(MOST_FILES),
);

/** All files of a folder in one buffer: magic, length of the header (uint32 LE), header as JSON, the files' bytes. */
export async function packFolder(folder: string): Promise<Buffer> {
  // Also what a recipe is writing at this moment, if it names such files as everybody does.
  const paths = (await listFiles(folder)).filter((path) => !path.endsWith('.tmp'));
  let total = 0;
  for (const path of paths) total += (await stat(join(folder, path))).size;
  if (total > LARGEST_BLOB_BYTES || paths.length > MOST_FILES) {
    throw new PopulationError(
      'QUEUE_TOO_SMALL',
      `${paths.length} files of ${total} bytes are to travel through the queue, which takes ${MOST_FILES} files of ` +
        `${LARGEST_BLOB_BYTES} bytes at once. Publish less, or train on one machine (trainPopulation).`,
    );
  }
  const files = await Promise.all(paths.map((path) => readFile(join(folder, path))));
  const header = Buffer.from(JSON.stringify(paths.map((path, i) => ({ path, bytes: files[i]!.length }))));
  const start = Buffer.alloc(8);
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(header.length, 4);
  return Buffer.concat([start, header, ...files]);
}

/**
 * Writes the files of `packFolder` into a folder. Trusts nothing: it came over the network.
 * @throws PopulationError `QUEUE_DATA_DAMAGED`; errors of the file system that no other data would avoid
 */
export async function unpackFolder(packed: Buffer, folder: string): Promise<void> {
  if (packed.length < 8 || packed.toString('latin1', 0, 4) !== MAGIC) throw damaged('it is no packed folder');
  const headerBytes = packed.readUInt32LE(4);
  if (headerBytes > LONGEST_HEADER) throw damaged(`its header would have ${headerBytes} bytes`);
  let at = 8 + headerBytes;
  let header: v.InferOutput<typeof headerSchema>;
  try {
    header = parseJson(packed.toString('utf8', 8, at), headerSchema);
  } catch (error) {
    throw damaged(`its header ${(error as Error).message}`);
  }
  if (at + header.reduce((sum, file) => sum + file.bytes, 0) !== packed.length)
    throw damaged('its length is wrong');
  const fault = pathsFault(header.map(({ path }) => path));
  if (fault !== undefined) throw damaged(`it names ${fault}`);
  for (const { path, bytes } of header) {
    const target = join(folder, ...path.split('/'));
    try {
      await mkdir(dirname(target), { recursive: true });
      // Two names that differ in case are one file on some disks: the second is refused, not written over the first.
      await writeFile(target, packed.subarray(at, at + bytes), { flag: 'wx' });
    } catch (error) {
      if (isStorageError(error) && !concernsName(error)) throw error;
      throw damaged(`the file ${JSON.stringify(path)} cannot be written here: ${(error as Error).message}`);
    }
    at += bytes;
  }
}

/** A name that this platform does not take, or that is taken: a fault of the data, not of the disk. */
function concernsName({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['ENAMETOOLONG', 'EISDIR', 'ENOTDIR', 'ELOOP'].includes(code);
}

function damaged(why: string): PopulationError {
  return new PopulationError('QUEUE_DATA_DAMAGED', `Data from the queue cannot be unpacked: ${why}.`);
}
