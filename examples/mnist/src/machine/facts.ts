import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

export interface MachineFacts {
  readonly processor: string;
  /** Cores that this process may use, whole ones. */
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly node: string;
  readonly platform: string;
  /** The above in one line. */
  readonly description: string;
}

export function machineFacts(): MachineFacts {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const cores = usableCores();
  const memoryGigabytes = Math.round(totalmem() / 2 ** 30);
  const { node } = process.versions;
  const platform = `${process.platform}-${process.arch}`;
  return {
    processor,
    cores,
    memoryGigabytes,
    node,
    platform,
    description: `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memoryGigabytes} GB, ${platform}, Node ${node}`,
  };
}

/**
 * Cores that this process may use: those of its affinity mask, or fewer where a container's quota says so (Linux control
 * groups; Node counts them from version 24 on). At least 1.
 */
export function usableCores(
  readText: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): number {
  const quota = cgroupQuota(readText);
  return Math.max(1, Math.min(availableParallelism(), Math.floor(quota)));
}

/** Processor seconds a second that the control group allows. */
function cgroupQuota(readText: (path: string) => string): number {
  const read = (path: string): string | undefined => {
    try {
      return readText(path).trim();
    } catch {
      // No Linux, or another version of control groups.
      return undefined;
    }
  };
  const [quota, period] = read('/sys/fs/cgroup/cpu.max')?.split(' ') ?? [
    read('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
    read('/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
  ];
  const share = Number(quota) / Number(period);
  return share > 0 && Number.isFinite(share) ? share : Number.POSITIVE_INFINITY;
}
