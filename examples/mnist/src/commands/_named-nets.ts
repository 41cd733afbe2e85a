import { type Command, Option } from 'commander';
import { findNets, type TrainedNets } from '../nets/find-nets.js';
import { pretrainedNets } from '../nets/pretrained-nets.js';
import { UsageError } from '../ui/errors.js';

export interface ShippedOptions {
  readonly pretrained?: boolean;
  readonly distilled?: 'compact' | 'double';
}

/** The options that name nets of `@mnist/pretrained`. */
export const addShippedOptions = (command: Command): Command =>
  command
    .option('--pretrained', 'the committee that is shipped in @mnist/pretrained')
    .addOption(
      new Option(
        '--distilled <width>',
        'one net that learned from it, shipped there too: as wide as its nets, or twice as wide',
      ).choices(['compact', 'double']),
    );

/**
 * The nets that the options name, undefined where they name none.
 *
 * @param place where the user's own nets are, and how the user named that place
 */
export async function namedNets(
  place: { readonly at?: string; readonly as: string },
  { pretrained, distilled }: ShippedOptions,
): Promise<TrainedNets | undefined> {
  const named = [
    ...(place.at === undefined ? [] : [place.as]),
    ...(pretrained ? ['--pretrained'] : []),
    ...(distilled ? [`--distilled ${distilled}`] : []),
  ];
  if (named.length > 1) {
    throw new UsageError(
      `${named.join(' and ')} are ${named.length === 2 ? 'both' : 'all'} named. Expected one of them.`,
    );
  }
  if (distilled) return pretrainedNets(`distilled-${distilled}`);
  if (pretrained) return pretrainedNets();
  return place.at === undefined ? undefined : findNets(place.at);
}
