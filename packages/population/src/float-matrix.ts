/** A float32 matrix, row-major. */
export interface FloatMatrix {
  readonly data: Float32Array;
  readonly shape: readonly [rows: number, columns: number];
}
