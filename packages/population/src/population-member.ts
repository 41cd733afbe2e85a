import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as v from 'valibot';
import { type Checksums, checkFile, readChecksums } from './_checksums.js';
import { listFiles } from './_folder-files.js';
import { layoutOf, netFiles, netName } from './_layout.js';
import { memberConfigSchema, memberMetricsSchema, probabilitiesFault } from './_member-files.js';
import { decodeNpy } from './_npy.js';
import { anyJson, environmentSchema, parseJson } from './_read-json-file.js';
import { plainFileSize } from './_stored-path.js';
import { isShortage, typed } from './_typed-errors.js';
import { FOREIGN, isForeign } from './_verify-net.js';
import type { FloatMatrix } from './float-matrix.js';
import { labelsChecksum } from './labels-checksum.js';
import type { PopulationManifest } from './manifest.js';
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

  /**
   * Reads the net's list of files and makes sure that it is this net of this population.
   * @internal Use openPopulation.
   */
  static async open(root: string, index: number, manifest: PopulationManifest): Promise<PopulationMember> {
    const folder = layoutOf(root).net(index);
    const checksums = await readChecksums(folder).catch((error: NodeJS.ErrnoException) => {
      if (isShortage(error)) throw error;
      const text = error.code === 'ENOENT' ? 'is missing' : error.message;
      throw damage(root, index, netFiles.checksums, text, error);
    });
    const member = new PopulationMember(root, index, checksums);
    if (isForeign(await member.readConfig(), manifest, index))
      throw damage(root, index, netFiles.config, FOREIGN);
    return member;
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
    return [...this.checksums.files.keys()];
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
    return (await this.readJson(netFiles.environment, environmentSchema)) as Readonly<
      Record<string, JsonValue>
    >;
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
    const bytes = await typed(() => this.verifiedBytes(netFiles.probabilities));
    let matrix: FloatMatrix;
    try {
      matrix = decodeNpy(bytes);
    } catch (error) {
      throw damage(this.root, this.index, netFiles.probabilities, (error as Error).message, error);
    }
    const fault = probabilitiesFault(matrix);
    if (fault === undefined) return matrix;
    throw damage(
      this.root,
      this.index,
      netFiles.probabilities,
      `has ${fault.found}; expected ${fault.expected}`,
    );
  }

  /**
   * Verifies everything that the recipe published, and that nothing lies beside it, and returns the absolute folder,
   * for `loadModel` and the like.
   * @throws PopulationError `NET_DAMAGED`
   */
  verifiedFolder(): Promise<string> {
    return typed(() => this.verifyAll());
  }

  private async verifyAll(): Promise<string> {
    const own = Object.values<string>(netFiles);
    for (const path of this.files) if (!own.includes(path)) await this.verifyFile(path);
    for (const path of await listFiles(this.folder)) {
      if (path !== netFiles.checksums && !this.checksums.files.has(path)) {
        throw damage(this.root, this.index, path, 'is not listed in checksums.json: nobody vouches for it');
      }
    }
    return this.folder;
  }

  /**
   * One file that the recipe published, verified.
   * @param path relative, with `/`
   * @throws PopulationError `NET_DAMAGED`
   */
  readBytes(path: string): Promise<Uint8Array> {
    return typed(() => this.verifiedBytes(path));
  }

  private async verifiedBytes(path: string): Promise<Buffer> {
    const expected = this.checksums.files.get(path);
    if (expected === undefined) {
      throw damage(this.root, this.index, path, `is not among its files (${this.files.join(', ')})`);
    }
    // A link, a pipe or a file of another size is not read at all.
    const full = join(this.folder, path);
    const size = await plainFileSize(this.folder, path);
    const bytes = size === expected.bytes ? await readFile(full).catch(unlessShort) : undefined;
    // Only what is wrong needs the longer look, which says how.
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== expected.sha256) {
      await this.verifyFile(path);
      throw damage(this.root, this.index, path, 'changed while it was read');
    }
    return bytes;
  }

  private async verifyFile(path: string): Promise<void> {
    const problem = await checkFile(this.folder, path, this.checksums.files.get(path)!);
    if (problem === undefined) return;
    const text = `is ${problem.kind}: found ${problem.found}, expected ${problem.expected}`;
    throw damage(this.root, this.index, path, text);
  }

  private async readJson<Schema extends v.GenericSchema>(
    file: string,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const bytes = await typed(() => this.verifiedBytes(file));
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

function unlessShort(error: unknown): undefined {
  if (isShortage(error)) throw error;
}
