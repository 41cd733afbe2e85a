//! One stage: what it keeps of a batch, and both directions over the images of a slot.

use super::batch_norm::BatchNorm;
use super::parameters::{ConvolutionPlace, padded};
use super::plan::StagePlan;
use crate::kernels::{
    BackwardEpilogue, BackwardPrologue, Buffer, Clock, ForwardEpilogue, Geometry, Moments, Part, Pool, TILE,
    Tiles, Winograd, WinogradWeights, Zeroable, backward_epilogue, backward_prologue, forward_epilogue,
    moments, normalise,
};
use crate::simd::{Element, LANES, Simd};

/// Bytes of the padded maps of a group of images, which should stay in the L2 cache.
const GROUP_BYTES: usize = 400 << 10;
/// Tiles a group has at least, where the batch has them: fewer would not amortise the weights.
const GROUP_TILES: usize = 48;
/// Tiles whose transformed maps are in flight at once: each strip reads and writes the whole kernel gradient. A multiple
/// of the rows of every backend's blocks.
const STRIP: usize = 84;
/// Tiles of a batch that are worth a slot with kernel gradients of its own.
const SLOT_TILES: usize = 50;

pub struct Stage<T: Zeroable> {
    pub geometry: Geometry,
    pub inputs: usize,
    pub outputs: usize,
    pub shortcut: bool,
    pub pool: Pool,
    /// row in the table of times
    pub row: usize,
    pub place: ConvolutionPlace,
    pub weights: WinogradWeights,
    /// images that go through the caches together
    pub group: usize,
    /// slots of the way back
    pub slots: usize,
    tiles: Tiles,
    pub out: Buffer<T>,
    pub masks: Buffer<u16>,
    pub dh: Buffer<T>,
}

/// Scratch of one thread, large enough for every stage.
pub struct Scratch<T: Zeroable> {
    h: Buffer<T>,
    dz: Buffer<T>,
    z: Buffer<f32>,
    transformed_gradient: Buffer<f32>,
    winograd: Winograd,
    pub clock: Clock,
}

/// A slot's share of the forward pass. In evaluation there are no masks and no moments.
pub struct ForwardJob<'a, T> {
    pub x: &'a [T],
    pub out: &'a mut [T],
    pub masks: &'a mut [u16],
    pub moments: Option<&'a mut Moments>,
}

/// What a slot sums on the way back.
pub struct BackwardSums {
    pub sum: Vec<f64>,
    pub centred_sum: Vec<f64>,
    pub bias: Vec<f64>,
}

impl BackwardSums {
    pub fn new(inputs: usize, outputs: usize) -> Self {
        BackwardSums { sum: vec![0.0; inputs], centred_sum: vec![0.0; inputs], bias: vec![0.0; outputs] }
    }

    pub fn add(&mut self, other: &BackwardSums) {
        let pairs = [
            (&mut self.sum, &other.sum),
            (&mut self.centred_sum, &other.centred_sum),
            (&mut self.bias, &other.bias),
        ];
        for (mine, theirs) in pairs {
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
    }
}

pub struct BackwardJob<'a, T> {
    pub x: &'a [T],
    pub out: &'a [T],
    pub masks: &'a [u16],
    /// gradient of the next norm's output
    pub next_dh: &'a [T],
    pub dh: &'a mut [T],
    pub sums: &'a mut BackwardSums,
    pub kernel_gradient: &'a mut [f32],
}

impl<T: Element + Zeroable> Stage<T> {
    pub fn new(
        plan: &StagePlan,
        place: ConvolutionPlace,
        row: usize,
        batch: usize,
        height: usize,
        width: usize,
        inputs: usize,
    ) -> Self {
        let (inputs, outputs) = (padded(inputs), padded(plan.convolution.outputs));
        let geometry = Geometry::new(height, width, TILE);
        let tiles = Tiles::new(geometry, 1).per_image();
        let bytes = geometry.image * (2 * inputs + outputs) * size_of::<f32>();
        let group = (GROUP_BYTES / bytes).max(GROUP_TILES.div_ceil(tiles)).min(batch);
        let pixels = batch * plan.pool.size(height) * plan.pool.size(width);
        Stage {
            geometry,
            inputs,
            outputs,
            shortcut: plan.shortcut,
            pool: plan.pool,
            row,
            place,
            weights: WinogradWeights::new(inputs, outputs),
            group,
            slots: (batch * tiles / SLOT_TILES).max(1),
            tiles: Tiles::new(geometry, group),
            out: Buffer::new(pixels * outputs),
            masks: Buffer::new(pixels * outputs / LANES * plan.pool.masks()),
            dh: Buffer::new(geometry.dense(batch) * inputs),
        }
    }

    /// Elements of an image's input and output, and its masks.
    pub fn sizes(&self) -> (usize, usize, usize) {
        let out = self.pool.size(self.geometry.height) * self.pool.size(self.geometry.width) * self.outputs;
        (self.geometry.dense(1) * self.inputs, out, out / LANES * self.pool.masks())
    }

    pub fn forward<S: Simd>(
        &self,
        s: S,
        w: &mut Scratch<T>,
        norm: &BatchNorm,
        bias: &[f32],
        job: ForwardJob<T>,
    ) {
        let (g, (x_size, out_size, mask_size)) = (self.geometry, self.sizes());
        w.clock.enter(self.row);
        // The halo of this geometry may hold an earlier stage's maps.
        w.h[..g.padded(self.group) * self.inputs].fill(T::default());
        let images = job.x.len() / x_size;
        let mut sums = job.moments;
        for first in (0..images).step_by(self.group) {
            let n = self.group.min(images - first);
            normalise(s, g, n, self.inputs, &job.x[first * x_size..], norm.forward(), &mut w.h);
            w.clock.lap(Part::Normalise);
            let (weights, z, clock) = (&self.weights, &mut w.z, &mut w.clock);
            if job.masks.is_empty() {
                w.winograd.evaluate(s, g, &self.tiles, n, &w.h, weights, z, clock);
            } else {
                w.winograd.forward(s, g, &self.tiles, n, &w.h, weights, z, clock);
            }
            let out = &mut job.out[first * out_size..(first + n) * out_size];
            let masks = if job.masks.is_empty() { &mut [] } else { &mut job.masks[first * mask_size..] };
            let shortcut = self.shortcut.then_some(&w.h[..]);
            let e = ForwardEpilogue {
                geometry: g,
                images: n,
                channels: self.outputs,
                pool: self.pool,
                bias,
                z: &w.z,
                shortcut,
                out,
                masks,
            };
            forward_epilogue(s, e);
            w.clock.lap(Part::Epilogue);
            if let Some(sums) = &mut sums {
                moments(s, self.outputs, &job.out[first * out_size..(first + n) * out_size], sums);
                w.clock.lap(Part::Moments);
            }
        }
    }

    pub fn backward<S: Simd>(
        &self,
        s: S,
        w: &mut Scratch<T>,
        norm: &BatchNorm,
        next: &BatchNorm,
        job: BackwardJob<T>,
    ) {
        let (g, (x_size, out_size, mask_size)) = (self.geometry, self.sizes());
        w.clock.enter(self.row);
        let padded = g.padded(self.group);
        w.h[..padded * self.inputs].fill(T::default());
        w.dz[..padded * self.outputs].fill(T::default());
        w.z[..padded * self.inputs].fill(0.0);
        let covered = self.pool != Pool::Floor || (g.height.is_multiple_of(2) && g.width.is_multiple_of(2));
        let gradient = &mut w.transformed_gradient[..self.weights.gradient_length()];
        let images = job.x.len() / x_size;
        for first in (0..images).step_by(self.group) {
            let n = self.group.min(images - first);
            if first > 0 && !(self.shortcut && covered) {
                w.z[..g.padded(n) * self.inputs].fill(0.0);
            }
            let prologue = BackwardPrologue {
                geometry: g,
                images: n,
                channels: self.outputs,
                pool: self.pool,
                next: next.gradient(),
                dh: &job.next_dh[first * out_size..],
                out: &job.out[first * out_size..],
                masks: &job.masks[first * mask_size..],
                dz: &mut w.dz,
                shortcut: self.shortcut.then_some(&mut w.z[..]),
                bias_gradient: &mut job.sums.bias,
            };
            backward_prologue(s, prologue);
            w.clock.lap(Part::Prologue);
            let x = &job.x[first * x_size..];
            normalise(s, g, n, self.inputs, x, norm.forward(), &mut w.h);
            w.clock.lap(Part::BackwardNormalise);
            w.winograd.backward(
                s,
                g,
                &self.tiles,
                n,
                &w.h,
                &w.dz,
                &self.weights,
                gradient,
                first == 0,
                &mut w.z,
                &mut w.clock,
            );
            let epilogue = BackwardEpilogue {
                geometry: g,
                images: n,
                channels: self.inputs,
                x,
                mean: norm.forward().mean,
                z: &w.z,
                dh: &mut job.dh[first * x_size..],
                sum: &mut job.sums.sum,
                centred_sum: &mut job.sums.centred_sum,
            };
            backward_epilogue(s, epilogue);
            w.clock.lap(Part::BackwardEpilogue);
        }
        self.weights.unpack_gradient(s, gradient, job.kernel_gradient);
        w.clock.lap(Part::Unpack);
    }
}

impl<T: Element + Zeroable> Scratch<T> {
    pub fn new(stages: &[Stage<T>]) -> Self {
        let largest = |size: &dyn Fn(&Stage<T>) -> usize| stages.iter().map(size).max().unwrap_or(0);
        let map = |stage: &Stage<T>, channels| stage.geometry.padded(stage.group) * channels;
        let channels = largest(&|stage| stage.inputs.max(stage.outputs));
        Scratch {
            h: Buffer::new(largest(&|stage| map(stage, stage.inputs))),
            dz: Buffer::new(largest(&|stage| map(stage, stage.outputs))),
            z: Buffer::new(largest(&|stage| map(stage, stage.inputs.max(stage.outputs)))),
            transformed_gradient: Buffer::new(largest(&|stage| stage.weights.gradient_length())),
            winograd: Winograd::new(STRIP, channels),
            clock: Clock::default(),
        }
    }
}
