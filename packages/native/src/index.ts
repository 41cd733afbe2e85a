export { supportedLayers } from './describe-layer.js';
export { engineCandidates } from './engine-candidates.js';
export type { NativeEngineOptions } from './engine-options.js';
export { nativeEngineDefaults } from './engine-options.js';
export type { NativePath } from './load-addon.js';
export { nativeEngine } from './native-engine.js';
export type { NativeSupport } from './native-support.js';
export { nativeSupport } from './native-support.js';
