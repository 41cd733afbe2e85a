import type { Window } from '@mnist/engine';

/** ONNX's order: [top, left, bottom, right]. */
export function pads(window: Pick<Window, 'before' | 'after'>): number[] {
  return [...window.before, ...window.after];
}

/** Every place of the window, row by row. */
export function* windowPlaces(window: Window): Generator<readonly [row: number, column: number]> {
  for (let row = 0; row < window.kernel[0]; row++) {
    for (let column = 0; column < window.kernel[1]; column++) yield [row, column];
  }
}

/** Windows that lie side by side, neither overlapping nor leaving gaps. */
export function tiles(window: Window): boolean {
  return (
    window.kernel[0] === window.strides[0] &&
    window.kernel[1] === window.strides[1] &&
    window.dilations.every((dilation) => dilation === 1)
  );
}
