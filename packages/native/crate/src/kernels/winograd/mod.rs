//! 3x3 convolutions by Winograd's minimal filtering (Lavin & Gray 2016, arXiv:1509.09308). The forward pass takes
//! F(2x2, 3x3), 16 multiplications for 4 outputs instead of 36: in float32 it is more exact than a sum of nine taps, and
//! the forward pass decides which ReLUs are active. Both gradients take the adjoint of F(4x4, 3x3), 36 multiplications
//! for 16 outputs instead of 144; the interpolation points are 0, +-3/4, +-3/2 and infinity, whose float32 error is a
//! fifth of that of 0, +-1, +-2 (cf. Barabasz et al. 2020, arXiv:1803.10986, on the choice of points).

mod convolution;
mod product;
#[cfg(test)]
mod tests;
mod tile;
mod transform;
mod weights;

use super::{Buffer, Clock, Geometry, Part};
use crate::simd::{Element, Simd};
pub use convolution::WinogradConvolution;
use tile::{F2, F4, Tile};
pub use weights::WinogradWeights;

/// Tile of the forward pass in training.
type Forward = F2;
/// Tile of the forward pass in evaluation, where no ReLU's mask is kept.
type Evaluation = F4;

/// Outputs in each direction of the tiles of the gradients, the largest.
const TILE: usize = 4;
/// Products of such a tile: (4 + 3 - 1) squared.
const POINTS: usize = 36;
/// The slices of the transformed maps lie this many floats further apart than they are long, so that the 36 stores of
/// a tile do not fall into one set of the cache.
const STAGGER: usize = 16;

/// Scratch space for the transformed maps of a strip of tiles.
pub struct Winograd {
    inputs: Buffer<f32>,
    outputs: Buffer<f32>,
    strip: usize,
}

/// First pixel of every tile of `images` images, for the forward pass and for the gradients.
pub struct Tiles {
    images: usize,
    forward: Vec<u32>,
    backward: Vec<u32>,
}

impl Tiles {
    pub fn new(g: Geometry, images: usize) -> Self {
        Tiles {
            images,
            forward: tile_pixels(g, images, Forward::OUTPUTS),
            backward: tile_pixels(g, images, TILE),
        }
    }

    /// Tiles of the gradients of an image.
    pub fn per_image(&self) -> usize {
        self.backward.len() / self.images
    }

    fn count(&self, tiles: &[u32], images: usize) -> usize {
        tiles.len() / self.images * images
    }
}

fn tile_pixels(g: Geometry, images: usize, tile: usize) -> Vec<u32> {
    let (rows, columns) = (g.height.div_ceil(tile), g.width.div_ceil(tile));
    let mut pixels = Vec::with_capacity(images * rows * columns);
    for image in 0..images {
        for y in 0..rows {
            pixels.extend((0..columns).map(|x| (image * g.image + tile * (y * g.row + x)) as u32));
        }
    }
    pixels
}

impl Winograd {
    /// @param strip tiles in flight: their transformed maps should stay in the L2 cache
    pub fn new(strip: usize, channels: usize) -> Self {
        // A strip of smaller tiles has more of them and as many floats, but for the staggering.
        let length = POINTS * (strip * channels + STAGGER);
        Winograd { inputs: Buffer::new(length), outputs: Buffer::new(length), strip }
    }

    /// z = h * w of the first `images` images of `tiles`; halo pixels of z are overwritten with anything.
    pub fn forward<S: Simd, T: Element>(
        &mut self,
        s: S,
        g: Geometry,
        tiles: &Tiles,
        images: usize,
        h: &[T],
        w: &WinogradWeights,
        z: &mut [f32],
        clock: &mut Clock,
    ) {
        let tiles = &tiles.forward[..tiles.count(&tiles.forward, images)];
        self.convolve::<S, T, Forward>(s, g, tiles, h, w, z, clock);
    }

    /// As `forward`, a third faster and a digit less exact; the weights are those of `pack_evaluation`.
    pub fn evaluate<S: Simd, T: Element>(
        &mut self,
        s: S,
        g: Geometry,
        tiles: &Tiles,
        images: usize,
        h: &[T],
        w: &WinogradWeights,
        z: &mut [f32],
        clock: &mut Clock,
    ) {
        let tiles = &tiles.backward[..tiles.count(&tiles.backward, images)];
        self.convolve::<S, T, Evaluation>(s, g, tiles, h, w, z, clock);
    }

    fn convolve<S: Simd, T: Element, F: Tile>(
        &mut self,
        s: S,
        g: Geometry,
        tiles: &[u32],
        h: &[T],
        w: &WinogradWeights,
        z: &mut [f32],
        clock: &mut Clock,
    ) {
        let points = F::POINTS * F::POINTS;
        for tiles in tiles.chunks(self.strip * POINTS / points) {
            transform::input::<S, T, F>(s, g, tiles, w.inputs, h, &mut self.inputs);
            clock.lap(Part::InputTransform);
            product::rows_by_weights(
                s,
                points,
                tiles.len(),
                w.inputs,
                w.outputs,
                &self.inputs,
                &w.forward,
                &mut self.outputs,
            );
            clock.lap(Part::Product);
            transform::output::<S, F>(s, g, tiles, w.outputs, &self.outputs, z);
            clock.lap(Part::OutputTransform);
        }
    }

    /// Both gradients: the transformed kernel gradient (replaced when `first`, else added to), and z += dz * w^T, halo
    /// pixels included.
    pub fn backward<S: Simd, T: Element>(
        &mut self,
        s: S,
        g: Geometry,
        tiles: &Tiles,
        images: usize,
        h: &[T],
        dz: &[T],
        w: &WinogradWeights,
        kernel_gradient: &mut [f32],
        first: bool,
        z: &mut [f32],
        clock: &mut Clock,
    ) {
        let tiles = &tiles.backward[..tiles.count(&tiles.backward, images)];
        for (strip, tiles) in tiles.chunks(self.strip).enumerate() {
            transform::input::<S, T, F4>(s, g, tiles, w.inputs, h, &mut self.inputs);
            transform::output_adjoint(s, g, tiles, w.outputs, dz, &mut self.outputs);
            clock.lap(Part::BackwardTransforms);
            let fresh = first && strip == 0;
            product::kernel_gradient(
                s,
                tiles.len(),
                w.inputs,
                w.outputs,
                &self.inputs,
                &self.outputs,
                kernel_gradient,
                fresh,
            );
            clock.lap(Part::KernelGradient);
            product::rows_by_weights(
                s,
                POINTS,
                tiles.len(),
                w.outputs,
                w.inputs,
                &self.outputs,
                &w.backward,
                &mut self.inputs,
            );
            clock.lap(Part::InputGradient);
            transform::input_adjoint(s, g, tiles, w.inputs, &self.inputs, z);
            clock.lap(Part::InputAdjoint);
        }
    }
}
