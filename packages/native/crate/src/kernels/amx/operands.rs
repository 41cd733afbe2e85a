//! Weights, h and dz as the products need them. A pair is two bf16 side by side, the first in the lower half.

use super::{DEPTH, ROWS};
use crate::kernels::{Buffer, Layer};
use crate::simd::{Bf16, LANES, Simd};

/// Weights in tiles of 16 pairs of inputs by 16 outputs: [tap][input / 32][output / 16][pair][16][2], and for the input
/// gradient the same with inputs and outputs exchanged and the taps in reverse.
pub struct Packed {
    inputs: usize,
    outputs: usize,
    pub forward: Buffer<Bf16>,
    pub backward: Buffer<Bf16>,
}

impl Packed {
    pub fn new(inputs: usize, outputs: usize) -> Self {
        let new = || Buffer::new(9 * inputs * outputs);
        Packed { inputs, outputs, forward: new(), backward: new() }
    }

    /// From a kernel [3, 3, input, output]; without `backward` where it is not needed.
    pub fn pack<S: Simd>(&mut self, s: S, kernel: &[f32], forward_only: bool) {
        pack_forward(s, self.inputs, self.outputs, kernel, &mut self.forward);
        if !forward_only {
            pack_backward(s, self.inputs, self.outputs, kernel, &mut self.backward);
        }
    }
}

kernel! {
    fn pack_forward<'a, S>(_s, inputs: usize, outputs: usize, kernel: &'a [f32], packed: &'a mut [Bf16]) {
        let mut tiles = packed.chunks_exact_mut(ROWS * DEPTH);
        for from in (0..9 * inputs).step_by(DEPTH) {
            for to in (0..outputs).step_by(ROWS) {
                let tile = tiles.next().expect("as many tiles as weights");
                for (pair, row) in tile.chunks_exact_mut(DEPTH).enumerate() {
                    let first = &kernel[(from + 2 * pair) * outputs + to..][..ROWS];
                    let second = &kernel[(from + 2 * pair + 1) * outputs + to..][..ROWS];
                    for o in 0..ROWS {
                        row[2 * o] = Bf16::from_f32(first[o]);
                        row[2 * o + 1] = Bf16::from_f32(second[o]);
                    }
                }
            }
        }
    }
}

kernel! {
    fn pack_backward<'a, S>(_s, inputs: usize, outputs: usize, kernel: &'a [f32], packed: &'a mut [Bf16]) {
        let mut tiles = packed.chunks_exact_mut(ROWS * DEPTH);
        for tap in (0..9).rev() {
            for from in (0..outputs).step_by(DEPTH) {
                for to in (0..inputs).step_by(ROWS) {
                    let tile = tiles.next().expect("as many tiles as weights");
                    for i in 0..ROWS {
                        let weights = &kernel[(tap * inputs + to + i) * outputs + from..][..DEPTH];
                        for pair in 0..DEPTH / 2 {
                            tile[pair * DEPTH + 2 * i] = Bf16::from_f32(weights[2 * pair]);
                            tile[pair * DEPTH + 2 * i + 1] = Bf16::from_f32(weights[2 * pair + 1]);
                        }
                    }
                }
            }
        }
    }
}

/// Pixels from an input to the next of a transposed map. Not a power of two, whose rows would share a set of the cache.
pub fn row(layer: &Layer) -> usize {
    (layer.group * layer.geometry.image).next_multiple_of(DEPTH) + DEPTH
}

/// Pixels of a padded map in pairs, margins included.
pub fn panel(layer: &Layer) -> usize {
    layer.geometry.padded(layer.group)
}

/// Pixels that the products of `images` images run over: to the last pixel of the last image, in whole blocks.
pub fn pixels(layer: &Layer, images: usize) -> usize {
    (images * layer.geometry.image - layer.geometry.row).next_multiple_of(DEPTH)
}

kernel! {
    /// transposed[input][pixel] of the first `images` images, without the margin.
    pub fn transpose<'a, S>(s, layer: &'a Layer, images: usize, h: &'a [Bf16], transposed: &'a mut [Bf16]) {
        let (channels, row, pixels) = (layer.inputs, row(layer), pixels(layer, images));
        assert!(pixels <= row && transposed.len() >= channels * row && channels.is_multiple_of(LANES));
        let map = &h[layer.geometry.margin() * channels..];
        assert!(map.len() >= pixels * channels);
        for pixel in (0..pixels).step_by(2 * LANES) {
            for k in (0..channels).step_by(LANES) {
                let mut block = [s.zero(); LANES];
                for pair in 0..LANES {
                    let at = (pixel + 2 * pair) * channels + k;
                    // SAFETY: at + channels + 16 <= pixels * channels, the least length of the map.
                    block[pair] = unsafe { s.pairs(map.as_ptr().add(at), map.as_ptr().add(at + channels)) };
                }
                let block = s.transpose(block);
                for channel in 0..LANES {
                    // SAFETY: k + channel < channels and pixel + 32 <= row.
                    unsafe { s.store(transposed.as_mut_ptr().add((k + channel) * row + pixel).cast(), block[channel]) };
                }
            }
        }
    }
}

kernel! {
    /// pairs[odd][output / 32][pair][32][2]: pair i holds the pixels 2i + odd and 2i + odd + 1, margins included.
    pub fn pair<'a, S>(s, layer: &'a Layer, images: usize, dz: &'a [Bf16], pairs: &'a mut [Bf16]) {
        let (channels, panel, pixels) = (layer.outputs, panel(layer), layer.geometry.padded(images));
        assert!(channels.is_multiple_of(DEPTH) && dz.len() >= pixels * channels && pairs.len() >= 2 * channels * panel);
        let zero = [Bf16::default(); DEPTH];
        for odd in 0..2 {
            for k in (0..channels).step_by(DEPTH) {
                for pixel in (0..pixels).step_by(2) {
                    let first = (pixel + odd) * channels + k;
                    // The last odd pair has one pixel.
                    let second = if pixel + odd + 1 < pixels { &dz[first + channels..][..DEPTH] } else { &zero };
                    let to = ((odd * channels + k) * panel + pixel * DEPTH) / 2;
                    for v in 0..2 {
                        // SAFETY: both have 32 elements; the pair lies in the panel, whose length was checked above.
                        unsafe {
                            let pair = s.pairs(dz[first + v * LANES..][..LANES].as_ptr(), second[v * LANES..].as_ptr());
                            s.store(pairs.as_mut_ptr().cast::<f32>().add(to + v * LANES), pair);
                        }
                    }
                }
            }
        }
    }
}
