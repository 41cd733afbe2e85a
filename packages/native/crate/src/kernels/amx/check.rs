//! AMX against the kernels that every machine has, on one small convolution.

use super::{AmxConvolution, Tiles};
use crate::kernels::{Clock, Convolution, Geometry, Layer, WinogradConvolution};
use crate::noise::noise;
use crate::simd::{Bf16, Simd};

/// Of the largest value: both round float32 sums only, in another order.
pub const TOLERANCE: f32 = 1e-5;

/// Output, input gradient and kernel gradient of one convolution, by pixel and channel.
struct Results([Vec<f32>; 3]);

/// The largest difference between both ways to compute a convolution of two groups of images, the second smaller than the
/// first, relative to the largest value. Operands are bf16 numbers, so that both have the same.
pub fn difference<S: Simd, U: Tiles>(s: S) -> f32 {
    difference_of::<S, U>(s, 5, 6, 3, 64, 32)
}

pub fn difference_of<S: Simd, U: Tiles>(
    s: S,
    height: usize,
    width: usize,
    images: usize,
    inputs: usize,
    outputs: usize,
) -> f32 {
    let [amx, others] = [
        run::<S, AmxConvolution<U>>(s, height, width, images, inputs, outputs),
        run::<S, WinogradConvolution>(s, height, width, images, inputs, outputs),
    ];
    let pairs = amx.0.iter().zip(&others.0);
    pairs.fold(0.0, |worst, (a, b)| {
        let largest = b.iter().fold(0f32, |largest, x| largest.max(x.abs()));
        let difference = a.iter().zip(b).fold(0f32, |worst, (a, b)| {
            let difference = (a - b).abs();
            if difference > worst || difference.is_nan() { difference } else { worst }
        });
        let relative = difference / largest;
        if relative > worst || relative.is_nan() { relative } else { worst }
    })
}

fn bf16s(seed: u64, length: usize) -> Vec<Bf16> {
    noise(seed, length).into_iter().map(Bf16::from_f32).collect()
}

fn run<S: Simd, C: Convolution<S, Bf16>>(
    s: S,
    height: usize,
    width: usize,
    images: usize,
    inputs: usize,
    outputs: usize,
) -> Results {
    let layer = Layer { group: images, ..C::layer(height, width, inputs, outputs, images) };
    let g = layer.geometry;
    let kernel: Vec<f32> = bf16s(3, 9 * inputs * outputs).into_iter().map(Bf16::to_f32).collect();
    let mut weights = C::weights(&layer);
    C::pack(s, &mut weights, &kernel, false);
    let mut convolution = C::new(&[layer]);
    let clock = &mut Clock::default();
    // What an earlier stage left behind must not matter.
    let mut z = vec![1e30; g.padded(images) * inputs.max(outputs)];
    let (mut out, mut dh) = (vec![], vec![]);
    let mut gradient = vec![f32::NAN; kernel.len()];
    let mut h = vec![Bf16::default(); g.padded(images) * inputs];
    let mut dz = vec![Bf16::default(); g.padded(images) * outputs];
    for (group, count) in [images, images.div_ceil(2)].into_iter().enumerate() {
        pad(g, inputs, &bf16s(10 + group as u64, g.dense(count) * inputs), &mut h);
        pad(g, outputs, &bf16s(20 + group as u64, g.dense(count) * outputs), &mut dz);
        convolution.forward(s, &layer, &weights, count, false, &h, &mut z, clock);
        out.extend(dense(g, count, outputs, &z));
        z.fill(0.0);
        let first = group == 0;
        convolution.backward(s, &layer, &weights, count, first, &mut h, &dz, &mut z, &mut gradient, clock);
        dh.extend(dense(g, count, inputs, &z));
    }
    convolution.finish(s, &weights, &mut gradient);
    Results([out, dh, gradient])
}

/// Padded positions of the pixels of a dense map.
fn positions(g: Geometry, images: usize) -> impl Iterator<Item = usize> {
    (0..images * g.height).flat_map(move |row| {
        let first = g.margin() + row / g.height * g.image + row % g.height * g.row;
        first..first + g.width
    })
}

fn pad(g: Geometry, channels: usize, map: &[Bf16], padded: &mut [Bf16]) {
    let images = map.len() / (g.dense(1) * channels);
    for (at, pixel) in positions(g, images).zip(map.chunks_exact(channels)) {
        padded[at * channels..][..channels].copy_from_slice(pixel);
    }
}

fn dense(g: Geometry, images: usize, channels: usize, padded: &[f32]) -> Vec<f32> {
    positions(g, images).flat_map(|at| &padded[at * channels..][..channels]).copied().collect()
}
