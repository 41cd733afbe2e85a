import type { MemberConfig } from './config.js';

export type PresetName = 'quick' | 'compact' | 'paper';

/** A whole experiment: how many nets, and how each is trained. */
export interface Preset {
  readonly name: PresetName;
  readonly description: string;
  /** Nets in the committee. */
  readonly nets: number;
  readonly member: Omit<MemberConfig, 'dataset' | 'engine'>;
}

/**
 * `quick` was chosen with a prototype by its accuracy on 5,000 held-out training images: see docs/results.md.
 * `paper` is the experiment of 2019 as it was.
 */
export const presets: Readonly<Record<PresetName, Preset>> = {
  quick: {
    name: 'quick',
    description:
      'a small real committee: 6 nets of 16/32/64 channels, 3 epochs each, for two processor cores and five minutes',
    nets: 6,
    member: {
      net: { name: 'committee', widths: [16, 32, 64] },
      epochs: 3,
      annihilationEpochs: 0,
      batchSize: 100,
      schedule: { kind: 'oneCycle', peak: 4e-3 },
      momentum: 0.9,
      weightDecay: 0,
      augmentation: 'fused',
    },
  },
  compact: {
    name: 'compact',
    description:
      "5 nets of 32/64/128 channels, 10 + 1 epochs each: the full net's range for a sixteenth of the arithmetic",
    nets: 5,
    member: {
      net: { name: 'committee', widths: [32, 64, 128] },
      epochs: 10,
      annihilationEpochs: 1,
      batchSize: 100,
      schedule: { kind: 'exponential', start: 2e-3, end: 2e-4 },
      momentum: 0.9,
      weightDecay: 0,
      augmentation: 'fused',
    },
  },
  paper: {
    name: 'paper',
    description:
      "the full experiment: 35 nets of 128/256/512 channels, 10 + 1 epochs each, the original's augmentation",
    nets: 35,
    member: {
      net: { name: 'committee', widths: [128, 256, 512] },
      epochs: 10,
      annihilationEpochs: 1,
      batchSize: 100,
      schedule: { kind: 'exponential', start: 4e-4, end: 4e-5 },
      momentum: 0.9,
      weightDecay: 0,
      augmentation: 'exact',
    },
  },
};

/** From the cheapest to the dearest; `auto` climbs it as far as the machine's speed allows. */
export const ladder: readonly PresetName[] = ['quick', 'compact', 'paper'];

/** 'one cycle up to 4e-3', for people. */
export function scheduleTitle({ schedule }: Pick<MemberConfig, 'schedule'>): string {
  return schedule.kind === 'oneCycle'
    ? `one cycle up to ${schedule.peak.toExponential(0)}`
    : `${schedule.start.toExponential(0)} falling to ${schedule.end.toExponential(0)}`;
}
