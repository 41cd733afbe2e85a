export type { ReadLimits } from './read-picture.js';
export { readDefaults, readPicture } from './read-picture.js';
