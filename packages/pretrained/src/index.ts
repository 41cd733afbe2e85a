export type {
  Committee,
  CommitteeMistake,
  CommitteeName,
  CommitteeNet,
  CommitteeRecipe,
  CommitteeTest,
  NetFile,
} from './committee.js';
export { committee } from './committee.js';
export type { LoadCommitteeOptions } from './load-committee.js';
export { loadCommittee } from './load-committee.js';
export type { LoadNetOptions } from './load-net.js';
export { loadNet } from './load-net.js';
export type { PretrainedErrorCode } from './pretrained-error.js';
export { PretrainedError } from './pretrained-error.js';
