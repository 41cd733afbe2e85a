export { engineCandidates } from './engine-candidates.js';
export type { LoadTfjsNodeOptions } from './load-tfjs-node.js';
export { loadTfjsNode } from './load-tfjs-node.js';
export type { TfjsEngineOptions } from './tfjs-engine.js';
export { tfjsEngine } from './tfjs-engine.js';
