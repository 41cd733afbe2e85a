use super::{Clock, Geometry};
use crate::simd::{Element, Simd};

/// The 3x3 convolution of a stage. Channels are padded to a multiple of `Convolution::CHANNELS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    pub geometry: Geometry,
    pub inputs: usize,
    pub outputs: usize,
    /// Images that go through the caches together, at least 1.
    pub group: usize,
}

/// How 3x3 convolutions are computed: `Winograd` or `AmxConvolution`. A value is the scratch space of one thread. Maps are
/// padded as the layer's geometry says; h and dz have a zero halo.
pub trait Convolution<S: Simd, T: Element>: Send + Sized {
    /// Channels are padded to a multiple of this many: a vector, or two where products take panels of two.
    const CHANNELS: usize;
    /// What is kept of one layer: its weights as the products need them.
    type Weights: Send + Sync;

    /// Chooses the padding of the maps and the size of a group.
    fn layer(height: usize, width: usize, inputs: usize, outputs: usize, batch: usize) -> Layer;
    fn weights(layer: &Layer) -> Self::Weights;
    /// Scratch space large enough for each of the layers.
    fn new(layers: &[Layer]) -> Self;

    /// Takes the kernel [3, 3, input, output]; with `evaluate` for the forward pass of an evaluation alone.
    fn pack(s: S, weights: &mut Self::Weights, kernel: &[f32], evaluate: bool);

    /// z = h * w of the first `images` images; halo pixels of z are overwritten with anything.
    fn forward(
        &mut self,
        s: S,
        layer: &Layer,
        weights: &Self::Weights,
        images: usize,
        evaluate: bool,
        h: &[T],
        z: &mut [f32],
        clock: &mut Clock,
    );

    /// z += dz * w^T, halo pixels included, and the kernel gradient, which is complete after `finish`. `first`: of the
    /// groups of images whose kernel gradients are added up. Halo pixels of h behind the last image may be cleared.
    fn backward(
        &mut self,
        s: S,
        layer: &Layer,
        weights: &Self::Weights,
        images: usize,
        first: bool,
        h: &mut [T],
        dz: &[T],
        z: &mut [f32],
        kernel_gradient: &mut [f32],
        clock: &mut Clock,
    );

    /// Leaves the kernel gradient [3, 3, input, output] of all groups.
    fn finish(&mut self, s: S, weights: &Self::Weights, kernel_gradient: &mut [f32]);
}
