import { encodeIdx } from './_encode-idx.js';
import { DatasetError } from './dataset-error.js';

/** Images and labels of a table, as the bytes of IDX files. */
export interface CsvPair {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/**
 * A table with one image a row: the label, then the pixels row by row, each 0 to 255; a first line of names is passed
 * over. Images are square.
 *
 * @throws DatasetError `WRONG_SHAPE`
 */
export function csvToIdx(bytes: Uint8Array, where: string): CsvPair {
  const wrong = (line: number, what: string) =>
    new DatasetError(
      'WRONG_SHAPE',
      `${where}, line ${line}: ${what}; expected a label and the pixels of a square image, whole numbers from 0 to 255 with commas between.`,
    );
  let at = bytes[0] === 0xef ? 3 : 0;
  let line = 1;
  if (bytes.length > at && !isDigit(bytes[at]!)) {
    at = bytes.indexOf(10, at) + 1;
    line++;
    if (at === 0) throw wrong(1, 'no number');
  }
  let data = new Uint8Array(bytes.length >> 1);
  let length = 0;
  let columns = 0;
  let rows = 0;
  const firstRow = at;
  for (let value = -1; at <= bytes.length; at++) {
    const byte = at < bytes.length ? bytes[at]! : 10;
    if (isDigit(byte)) {
      value = Math.max(value, 0) * 10 + byte - 48;
      if (value > 255) throw wrong(line, `a value of ${value} or more`);
    } else if (byte === 44 || byte === 10) {
      if (value < 0) {
        // An empty line at the end.
        if (byte === 10 && length % Math.max(columns, 1) === 0 && at > firstRow) {
          line++;
          continue;
        }
        throw wrong(line, 'a value is missing');
      }
      data[length++] = value;
      value = -1;
      if (byte === 44) continue;
      rows++;
      columns ||= length;
      if (length !== rows * columns)
        throw wrong(line, `${length - (rows - 1) * columns} values after ${columns} before`);
      line++;
    } else if (byte !== 13) throw wrong(line, `the character ${JSON.stringify(String.fromCharCode(byte))}`);
  }
  const side = Math.sqrt(columns - 1);
  if (!Number.isInteger(side) || side < 1) throw wrong(line - 1, `${columns} values`);
  data = data.subarray(0, length);
  const labels = new Uint8Array(rows);
  const pixels = new Uint8Array(rows * side * side);
  for (let row = 0; row < rows; row++) {
    labels[row] = data[row * columns]!;
    pixels.set(data.subarray(row * columns + 1, (row + 1) * columns), row * side * side);
  }
  return { images: encodeIdx(pixels, [rows, side, side]), labels: encodeIdx(labels, [rows]) };
}

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
