//! One stage: what it keeps of a batch, and both directions over the images of a slot.

use super::batch_norm::BatchNorm;
use super::parameters::ConvolutionPlace;
use super::plan::StagePlan;
use crate::kernels::{
    BackwardEpilogue, BackwardPrologue, Buffer, Clock, Convolution, ForwardEpilogue, Layer, Moments, Part,
    Pool, Zeroable, backward_epilogue, backward_prologue, forward_epilogue, moments, normalise,
};
use crate::simd::{Element, LANES, Simd};

/// Tiles of 4x4 pixels of a batch that are worth a slot with kernel gradients of its own.
const SLOT_TILES: usize = 50;

pub struct Stage<T: Zeroable, W> {
    pub layer: Layer,
    pub shortcut: bool,
    pub pool: Pool,
    /// row in the table of times
    pub row: usize,
    pub place: ConvolutionPlace,
    pub weights: W,
    /// slots of the way back
    pub slots: usize,
    pub out: Buffer<T>,
    pub masks: Buffer<u16>,
    pub dh: Buffer<T>,
}

/// Scratch of one thread, large enough for every stage.
pub struct Scratch<T: Zeroable, C> {
    h: Buffer<T>,
    dz: Buffer<T>,
    z: Buffer<f32>,
    convolution: C,
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

impl<T: Element + Zeroable, W> Stage<T, W> {
    pub fn new<S: Simd, C: Convolution<S, T, Weights = W>>(
        plan: &StagePlan,
        place: ConvolutionPlace,
        row: usize,
        batch: usize,
        height: usize,
        width: usize,
        inputs: usize,
    ) -> Self {
        let padded = |channels: usize| channels.next_multiple_of(C::CHANNELS);
        let (inputs, outputs) = (padded(inputs), padded(plan.convolution.outputs));
        let layer = C::layer(height, width, inputs, outputs, batch);
        let tiles = height.div_ceil(4) * width.div_ceil(4);
        let pixels = batch * plan.pool.size(height) * plan.pool.size(width);
        Stage {
            layer,
            shortcut: plan.shortcut,
            pool: plan.pool,
            row,
            place,
            weights: C::weights(&layer),
            slots: (batch * tiles / SLOT_TILES).max(1),
            out: Buffer::new(pixels * outputs),
            masks: Buffer::new(pixels * outputs / LANES * plan.pool.masks()),
            dh: Buffer::new(layer.geometry.dense(batch) * inputs),
        }
    }

    /// Elements of an image's input and output, and its masks.
    pub fn sizes(&self) -> (usize, usize, usize) {
        let Layer { geometry: g, inputs, outputs, .. } = self.layer;
        let out = self.pool.size(g.height) * self.pool.size(g.width) * outputs;
        (g.dense(1) * inputs, out, out / LANES * self.pool.masks())
    }

    pub fn forward<S: Simd, C: Convolution<S, T, Weights = W>>(
        &self,
        s: S,
        w: &mut Scratch<T, C>,
        norm: &BatchNorm,
        bias: &[f32],
        job: ForwardJob<T>,
    ) {
        let Layer { geometry: g, inputs, outputs, group } = self.layer;
        let (x_size, out_size, mask_size) = self.sizes();
        w.clock.enter(self.row);
        // The halo of this geometry may hold an earlier stage's maps.
        w.h[..g.padded(group) * inputs].fill(T::default());
        let images = job.x.len() / x_size;
        let mut sums = job.moments;
        for first in (0..images).step_by(group) {
            let n = group.min(images - first);
            normalise(s, g, n, inputs, &job.x[first * x_size..], norm.forward(), &mut w.h);
            w.clock.lap(Part::Normalise);
            let (evaluate, clock) = (job.masks.is_empty(), &mut w.clock);
            w.convolution.forward(s, &self.layer, &self.weights, n, evaluate, &w.h, &mut w.z, clock);
            let out = &mut job.out[first * out_size..(first + n) * out_size];
            let masks = if job.masks.is_empty() { &mut [] } else { &mut job.masks[first * mask_size..] };
            let shortcut = self.shortcut.then_some(&w.h[..]);
            let e = ForwardEpilogue {
                geometry: g,
                images: n,
                channels: outputs,
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
                moments(s, outputs, &job.out[first * out_size..(first + n) * out_size], sums);
                w.clock.lap(Part::Moments);
            }
        }
    }

    pub fn backward<S: Simd, C: Convolution<S, T, Weights = W>>(
        &self,
        s: S,
        w: &mut Scratch<T, C>,
        norm: &BatchNorm,
        next: &BatchNorm,
        job: BackwardJob<T>,
    ) {
        let Layer { geometry: g, inputs, outputs, group } = self.layer;
        let (x_size, out_size, mask_size) = self.sizes();
        w.clock.enter(self.row);
        let padded = g.padded(group);
        w.h[..padded * inputs].fill(T::default());
        w.dz[..padded * outputs].fill(T::default());
        w.z[..padded * inputs].fill(0.0);
        let covered = self.pool != Pool::Floor || (g.height.is_multiple_of(2) && g.width.is_multiple_of(2));
        let images = job.x.len() / x_size;
        for first in (0..images).step_by(group) {
            let n = group.min(images - first);
            if first > 0 && !(self.shortcut && covered) {
                w.z[..g.padded(n) * inputs].fill(0.0);
            }
            let prologue = BackwardPrologue {
                geometry: g,
                images: n,
                channels: outputs,
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
            normalise(s, g, n, inputs, x, norm.forward(), &mut w.h);
            w.clock.lap(Part::BackwardNormalise);
            w.convolution.backward(
                s,
                &self.layer,
                &self.weights,
                n,
                first == 0,
                &mut w.h,
                &w.dz,
                &mut w.z,
                job.kernel_gradient,
                &mut w.clock,
            );
            let epilogue = BackwardEpilogue {
                geometry: g,
                images: n,
                channels: inputs,
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
        w.convolution.finish(s, &self.weights, job.kernel_gradient);
        w.clock.lap(Part::Unpack);
    }
}

impl<T: Element + Zeroable, C> Scratch<T, C> {
    pub fn new<S: Simd>(layers: &[Layer]) -> Self
    where
        C: Convolution<S, T>,
    {
        let largest = |size: &dyn Fn(&Layer) -> usize| layers.iter().map(size).max().unwrap_or(0);
        let map = |layer: &Layer, channels| layer.geometry.padded(layer.group) * channels;
        Scratch {
            h: Buffer::new(largest(&|layer| map(layer, layer.inputs))),
            dz: Buffer::new(largest(&|layer| map(layer, layer.outputs))),
            z: Buffer::new(largest(&|layer| map(layer, layer.inputs.max(layer.outputs)))),
            convolution: C::new(layers),
            clock: Clock::default(),
        }
    }
}
