export type { OnnxEngineOptions } from './engine.js';
export { onnxEngine } from './engine.js';
export type { OnnxErrorCode } from './errors.js';
export { OnnxEngineError } from './errors.js';
export type { Provider } from './runtime/step-plan.js';
