import type { Window } from '@mnist/engine';
import { padImages } from './portable-convolution.js';
import { PortableLowering } from './portable-lowering.js';
import { channelsOf, type Tensor } from './tensor.js';
import { windowPlaces } from './window.js';

/** Output tile of a matrix product on a GPU: one workgroup computes it. */
const TILE = 32;
/** Workgroups that keep a GPU busy. */
const WORKGROUPS = 256;
/** Kernels with fewer input channels have their places stacked, so that a matrix has rows enough. */
const FEW_CHANNELS = 16;

/**
 * The portable lowering, with a kernel's gradient as matrix products. As a convolution it has as many input channels as there
 * are images, a kernel as large as the image, and few results: on an H200, WebGPU spent 48 of 54 ms a step of compactNet in
 * these; with products the whole step takes 14 instead of 59 ms.
 */
export class MatmulLowering extends PortableLowering {
  override readonly name = 'matmul';

  /**
   * For each place of the window, the images as that place sees them times dy, summed over images and pixels. The sum is split
   * into parts that are computed side by side and added up.
   */
  override convolveKernelGradient(x: Tensor, dy: Tensor, window: Window): string {
    const { graph } = this;
    const [images, inputs, outputs] = [x.shape[0]!, channelsOf(x), channelsOf(dy)];
    const parts = partsOf(images, Math.ceil(inputs / TILE) * Math.ceil(outputs / TILE));
    const [height, width] = window.outputSize;
    const share = (images / parts) * height * width;

    const padded = padImages(graph, this.toLayout(x, 'nchw').name, window);
    const [rows, columns] = window.inputSize.map(
      (length, axis) => length + window.before[axis]! + window.after[axis]!,
    ) as [number, number];
    const split = graph.reshape(padded, [parts, images / parts, inputs, rows, columns]);
    const channelsFirst = graph.transpose(split, [0, 2, 1, 3, 4]);
    const right = graph.reshape(
      graph.transpose(
        graph.reshape(this.toLayout(dy, 'nchw').name, [images, outputs, height * width]),
        [0, 2, 1],
      ),
      [parts, share, outputs],
    );
    const seen = [...windowPlaces(window)].map((place) => {
      const starts = place.map((index, axis) => index * window.dilations[axis]!);
      const ends = starts.map(
        (start, axis) => start + (window.outputSize[axis]! - 1) * window.strides[axis]! + 1,
      );
      const view = graph.slice(channelsFirst, [3, 4], starts, ends, window.strides);
      return graph.reshape(view, [parts, inputs, share]);
    });
    const products =
      inputs < FEW_CHANNELS
        ? graph.node('MatMul', [graph.concatenate(seen, 1), right])
        : graph.concatenate(
            seen.map((view) => graph.node('MatMul', [view, right])),
            1,
          );
    const sum = parts === 1 ? products : graph.sum(products, [0]);
    return graph.reshape(sum, [...window.kernel, inputs, outputs]);
  }
}

/** The smallest number of equal parts, of whole images, that gives workgroups enough. */
function partsOf(images: number, tiles: number): number {
  for (let parts = 1; parts < images; parts++) {
    if (images % parts === 0 && parts * tiles >= WORKGROUPS) return parts;
  }
  return images;
}
