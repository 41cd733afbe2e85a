import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as v from 'valibot';
import { type Checksums, checkFile, readChecksums } from './_checksums.js';
import { layoutOf, netFiles, netName } from './_layout.js';
import { memberConfigSchema, memberMetricsSchema } from './_member-files.js';
import { decodeNpy } from './_npy.js';
import { anyJson, parseJson } from './_read-json-file.js';
import type { FloatMatrix } from './float-matrix.js';
import { labelsChecksum } from './labels-checksum.js';
import type { MemberConfig } from './member-config.js';
import { PopulationError } from './population-error.js';
import type { JsonValue } from './recipe.js';

/** One complete net of a population. Every method verifies the bytes that it reads; none keeps them. */
export class PopulationMember {
  private constructor(
    private readonly root: string,
    /** Number of the net, from 0. */
    readonly index: number,
    private readonly checksums: Checksums,
  ) {}

  /** @internal Use openPopulation. */
  static async open(root: string, index: number): Promise<PopulationMember> {
    const folder = layoutOf(root).net(index);
    try {
      return new PopulationMember(root, index, await readChecksums(folder));
    } catch (error) {
      const text =
        (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is missing' : (error as Error).message;
      throw damage(root, index, netFiles.checksums, text, error);
    }
  }

  /** Absolute path of the net's folder. */
  get folder(): string {
    return layoutOf(this.root).net(this.index);
  }

  /** SHA-256 over all files but environment.json: equal digests mean equal nets. */
  get digest(): string {
    return this.checksums.digest;
  }

  /** Relative paths of all files, with `/`. */
  get files(): readonly string[] {
    return Object.keys(this.checksums.files);
  }

  /** Number, seed, recipe and config. */
  async readConfig(): Promise<MemberConfig> {
    return (await this.readJson(netFiles.config, memberConfigSchema)) as MemberConfig;
  }

  /** The recipe's figures. */
  async readMetrics(): Promise<Readonly<Record<string, number>>> {
    return (await this.readJson(netFiles.metrics, memberMetricsSchema)).metrics;
  }

  /** What the recipe recorded on the way; null when it recorded nothing. */
  async readHistory(): Promise<JsonValue> {
    return (await this.readJson(netFiles.history, anyJson)) as JsonValue;
  }

  /** Machine, times, versions: what may differ between two trainings of the same net. */
  async readEnvironment(): Promise<Readonly<Record<string, JsonValue>>> {
    return (await this.readJson(netFiles.environment, anyJson)) as Readonly<Record<string, JsonValue>>;
  }

  /**
   * Softmax outputs on the evaluation set: float32, row-major [count, classes].
   *
   * @param labels uint8 [count]: when given, they must be the labels that the net was evaluated with
   * @throws PopulationError `LABELS_MISMATCH` or `NET_DAMAGED`
   */
  async readProbabilities(labels?: Uint8Array): Promise<FloatMatrix> {
    if (labels !== undefined) {
      const stored = (await this.readJson(netFiles.metrics, memberMetricsSchema)).probabilities.labelsSha256;
      const given = labelsChecksum(labels);
      if (stored !== given) {
        throw new PopulationError(
          'LABELS_MISMATCH',
          `Net ${netName(this.index)} of ${this.root} was evaluated with ` +
            `${stored === null ? 'labels that it does not name' : `labels of SHA-256 ${stored.slice(0, 12)}...`}; ` +
            `the ${labels.length} labels given have ${given.slice(0, 12)}... Use the data set of the population's config.`,
        );
      }
    }
    const bytes = await this.readBytes(netFiles.probabilities);
    try {
      return decodeNpy(bytes);
    } catch (error) {
      throw damage(this.root, this.index, netFiles.probabilities, (error as Error).message, error);
    }
  }

  /**
   * Verifies everything that the recipe published and returns the absolute folder, for `loadModel` and the like.
   * @throws PopulationError `NET_DAMAGED`
   */
  async verifiedFolder(): Promise<string> {
    const own = Object.values<string>(netFiles);
    for (const path of this.files) if (!own.includes(path)) await this.verifyFile(path);
    return this.folder;
  }

  /**
   * One file that the recipe published, verified.
   * @param path relative, with `/`
   * @throws PopulationError `NET_DAMAGED`
   */
  async readBytes(path: string): Promise<Buffer> {
    const expected = this.checksums.files[path];
    if (expected === undefined) {
      throw damage(this.root, this.index, path, `is not among its files (${this.files.join(', ')})`);
    }
    const bytes = await readFile(join(this.folder, path)).catch(() => undefined);
    // Only what is wrong needs the longer look, which says how.
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== expected.sha256) {
      await this.verifyFile(path);
      throw damage(this.root, this.index, path, 'changed while it was read');
    }
    return bytes;
  }

  private async verifyFile(path: string): Promise<void> {
    const problem = await checkFile(this.folder, path, this.checksums.files[path]!);
    if (problem === undefined) return;
    const text = `is ${problem.kind}: found ${problem.found}, expected ${problem.expected}`;
    throw damage(this.root, this.index, path, text);
  }

  private async readJson<Schema extends v.GenericSchema>(
    file: string,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const bytes = await this.readBytes(file);
    try {
      return parseJson(bytes.toString('utf8'), schema);
    } catch (error) {
      throw damage(this.root, this.index, file, (error as Error).message, error);
    }
  }
}

function damage(root: string, index: number, file: string, text: string, cause?: unknown): PopulationError {
  return new PopulationError(
    'NET_DAMAGED',
    `${root}: nets/${netName(index)}/${file} ${text}. The other nets are not affected. ` +
      `setAside(folder, ${index}) moves the net away, and the next run trains it anew.`,
    { cause },
  );
}
