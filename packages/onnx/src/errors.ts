/** Stable codes of everything that `@mnist/onnx` throws on purpose. */
export type OnnxErrorCode =
  | 'ONNX_RUNTIME_UNAVAILABLE'
  | 'PROVIDER_UNAVAILABLE'
  | 'LOWERING_UNAVAILABLE'
  | 'UNSUPPORTED_LAYER'
  | 'UNSUPPORTED_MODEL'
  | 'INVALID_OPTION'
  | 'INVALID_BATCH'
  | 'INVALID_STATE'
  | 'SESSION_CLOSED'
  | 'SESSION_FAILED';

/** The one error class of this package. `code` is stable; `message` names what was found, what was expected and the remedy. */
export class OnnxEngineError extends Error {
  override readonly name = 'OnnxEngineError';
  readonly code: OnnxErrorCode;

  constructor(code: OnnxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
