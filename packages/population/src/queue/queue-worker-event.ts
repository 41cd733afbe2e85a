import type { PopulationError } from '../population-error.js';
import type { ProgressReport } from '../recipe.js';

/** What a worker on a queue says. `index` is the number of a net, `population` the id in its manifest. */
export type QueueWorkerEvent =
  | { readonly type: 'ready'; readonly worker: string; readonly queue: string }
  /** Redis was lost (`false`) or is back (`true`). Training goes on meanwhile. */
  | { readonly type: 'connection'; readonly connected: boolean }
  /** Redis has no room for a net or a checkpoint; the net is offered again until there is. */
  | { readonly type: 'queueFull'; readonly message: string }
  /** A job that is none of this package's, or asks for another recipe. It has failed; this worker goes on. */
  | { readonly type: 'refused'; readonly job: string; readonly error: PopulationError }
  | {
      readonly type: 'started';
      readonly population: string;
      readonly index: number;
      readonly attempt: number;
      /** Steps that the checkpoint brought along; 0: from the beginning. */
      readonly fromStep: number;
    }
  | {
      readonly type: 'reported';
      readonly population: string;
      readonly index: number;
      readonly progress: ProgressReport;
    }
  | { readonly type: 'log'; readonly population: string; readonly index: number; readonly message: string }
  | {
      readonly type: 'checkpointSaved';
      readonly population: string;
      readonly index: number;
      readonly step: number;
      readonly bytes: number;
    }
  /** `accepted` is false when the net had arrived from another worker. */
  | {
      readonly type: 'finished';
      readonly population: string;
      readonly index: number;
      readonly accepted: boolean;
    }
  /** The net goes back to the queue, or nobody wants it any more. */
  | {
      readonly type: 'interrupted';
      readonly population: string;
      readonly index: number;
      readonly reason: string;
    }
  | {
      readonly type: 'failed';
      readonly population: string;
      readonly index: number;
      readonly error: PopulationError;
    };
