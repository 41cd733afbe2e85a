//! 3x3 convolutions of bf16 maps on AMX: tiles of sixteen rows of 64 bytes, and one instruction that multiplies two of
//! them, 16 x 32 by 32 x 16, and adds the products in float32. A tile of a map is sixteen neighbouring pixels of the shared
//! halo's flat order, so it need not know of rows. Everything here is written against `Tiles`; `EmulatedTiles` computes the
//! same on every machine, `AmxTiles` is the five instructions.

#[cfg(any(test, all(target_arch = "x86_64", target_os = "linux")))]
mod check;
mod emulated;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod hardware;
mod operands;
mod product;
#[cfg(test)]
mod tests;

use super::{Buffer, Clock, Convolution, Geometry, Layer, Part};
use crate::simd::{Bf16, Simd};
pub use emulated::EmulatedTiles;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub use hardware::{AmxTiles, obstacle};
use operands::Packed;
use std::marker::PhantomData;

/// Why this machine cannot use AMX, if so.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
pub fn obstacle() -> Option<String> {
    Some("AMX is used on Linux x64 only".into())
}

/// Rows of a tile; outputs of a product of two.
const ROWS: usize = 16;
/// Length of the sums of one product: the bf16 of a tile's row.
const DEPTH: usize = 32;
/// Pixels that a group should have: so many amortise the weights, and their maps stay in the L2 cache.
const GROUP_PIXELS: usize = 800;

/// The eight tile registers of a thread, each of sixteen rows of 64 bytes, from their configuration to their release.
pub trait Tiles {
    /// Configures the registers. Only called where `obstacle` finds none.
    fn start() -> Self;
    fn zero<const TILE: usize>(&mut self);
    /// # Safety
    /// Sixteen rows of 64 bytes, `stride` bytes apart, are readable at `from`.
    unsafe fn load<const TILE: usize>(&mut self, from: *const u8, stride: usize);
    /// # Safety
    /// Sixteen rows of 64 bytes, `stride` bytes apart, are writable at `to`.
    unsafe fn store<const TILE: usize>(&mut self, to: *mut u8, stride: usize);
    /// sums[row][column] += a[row][k] * b[k / 2][column][k % 2]: 16 x 16 float32, 16 x 32 bf16, 32 x 16 bf16 in pairs.
    fn multiply<const SUMS: usize, const A: usize, const B: usize>(&mut self);
}

/// The operands of one thread's kernel gradients.
pub struct AmxConvolution<U> {
    /// h, [input][pixel]
    transposed: Buffer<Bf16>,
    /// dz in pairs of neighbouring pixels, [from an even or an odd pixel][output / 32][pair][32][2], margins included
    pairs: Buffer<Bf16>,
    tiles: PhantomData<fn() -> U>,
}

impl<S: Simd, U: Tiles> Convolution<S, Bf16> for AmxConvolution<U> {
    const CHANNELS: usize = 32;
    type Weights = Packed;

    fn layer(height: usize, width: usize, inputs: usize, outputs: usize, batch: usize) -> Layer {
        let geometry = Geometry::new(height, width, 1);
        let group = (GROUP_PIXELS / geometry.image).clamp(1, batch);
        Layer { geometry, inputs, outputs, group }
    }

    fn weights(layer: &Layer) -> Packed {
        Packed::new(layer.inputs, layer.outputs)
    }

    fn new(layers: &[Layer]) -> Self {
        let largest = |size: &dyn Fn(&Layer) -> usize| layers.iter().map(size).max().unwrap_or(0);
        AmxConvolution {
            transposed: Buffer::new(largest(&|layer| layer.inputs * operands::row(layer))),
            pairs: Buffer::new(largest(&|layer| 2 * layer.outputs * operands::panel(layer))),
            tiles: PhantomData,
        }
    }

    fn pack(s: S, weights: &mut Packed, kernel: &[f32], evaluate: bool) {
        weights.pack(s, kernel, evaluate);
    }

    fn forward(
        &mut self,
        _: S,
        layer: &Layer,
        weights: &Packed,
        images: usize,
        _evaluate: bool,
        h: &[Bf16],
        z: &mut [f32],
        clock: &mut Clock,
    ) {
        let &Layer { geometry, inputs, outputs, .. } = layer;
        product::convolve::<U>(geometry, images, inputs, outputs, h, &weights.forward, z, false);
        clock.lap(Part::Product);
    }

    fn backward(
        &mut self,
        s: S,
        layer: &Layer,
        weights: &Packed,
        images: usize,
        first: bool,
        h: &mut [Bf16],
        dz: &[Bf16],
        z: &mut [f32],
        kernel_gradient: &mut [f32],
        clock: &mut Clock,
    ) {
        let &Layer { geometry: g, inputs, outputs, .. } = layer;
        // The products run over whole tiles of pixels: behind the last image h may hold an earlier group's.
        h[(g.margin() + images * g.image) * inputs..g.padded(images) * inputs].fill(Bf16::default());
        operands::transpose(s, layer, images, h, &mut self.transposed);
        operands::pair(s, layer, images, dz, &mut self.pairs);
        clock.lap(Part::BackwardTransforms);
        if first {
            kernel_gradient[..9 * inputs * outputs].fill(0.0);
        }
        product::kernel_gradient::<U>(layer, images, &self.transposed, &self.pairs, kernel_gradient);
        clock.lap(Part::KernelGradient);
        product::convolve::<U>(g, images, outputs, inputs, dz, &weights.backward, z, true);
        clock.lap(Part::InputGradient);
    }

    fn finish(&mut self, _: S, _: &Packed, _: &mut [f32]) {}
}
