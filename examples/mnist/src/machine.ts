import { availableParallelism, cpus, totalmem } from 'node:os';

export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly platform: string;
  /** The above in one line. */
  readonly description: string;
}

export function machineFacts(): MachineFacts {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const cores = availableParallelism();
  const memoryGigabytes = Math.round(totalmem() / 2 ** 30);
  const { node } = process.versions;
  const platform = `${process.platform}-${process.arch}`;
  return {
    processor,
    cores,
    memoryGigabytes,
    node,
    platform,
    description: `${processor}, ${cores} cores, ${memoryGigabytes} GB, ${platform}, Node ${node}`,
  };
}
