//! The products: sums in tiles 0 to 3, the left operand in 4 and 5, the right one in 6 and 7.

use super::operands::{panel, pixels, row};
use super::{DEPTH, ROWS, Tiles};
use crate::kernels::{Geometry, Layer};
use crate::simd::Bf16;

/// Bytes of a tile.
const TILE: usize = 1024;
/// Bytes of a tile's row.
const LINE: usize = 64;
/// Pixels whose kernel gradients are summed before the next tap: their operands stay in the L1 cache.
const CHUNK: usize = 256;

/// Distance in pixels from an output to the input under a tap.
fn offset(g: Geometry, tap: usize) -> isize {
    (tap as isize / 3 - 1) * g.row as isize + tap as isize % 3 - 1
}

/// z[pixel][output] = (or, with `add`, +=) sum over taps and inputs of map[pixel + tap][input] * weights.
pub fn convolve<U: Tiles>(
    g: Geometry,
    images: usize,
    inputs: usize,
    outputs: usize,
    map: &[Bf16],
    weights: &[Bf16],
    z: &mut [f32],
    add: bool,
) {
    assert!(inputs.is_multiple_of(DEPTH) && outputs.is_multiple_of(2 * ROWS));
    assert!(map.len() >= g.padded(images) * inputs && z.len() >= g.padded(images) * outputs);
    assert!(weights.len() >= 9 * inputs * outputs);
    let pixels = (images * g.image - g.row).next_multiple_of(2 * ROWS);
    let (from, to) = (inputs * size_of::<Bf16>(), outputs * size_of::<f32>());
    let (columns, blocks) = (outputs / ROWS, inputs / DEPTH);
    let mut tiles = U::start();
    for column in (0..columns).step_by(2) {
        for pixel in (0..pixels).step_by(2 * ROWS) {
            // SAFETY: the lengths were checked above. The pixels and their taps lie between the margins, which are at
            // least a row and a pixel long; a pair of columns has 32 outputs; the weights have 9 * blocks * columns tiles.
            unsafe {
                let z = z.as_mut_ptr().cast::<u8>().add((g.margin() + pixel) * to + column * LINE);
                let below = z.add(ROWS * to);
                if add {
                    tiles.load::<0>(z, to);
                    tiles.load::<1>(z.add(LINE), to);
                    tiles.load::<2>(below, to);
                    tiles.load::<3>(below.add(LINE), to);
                } else {
                    tiles.zero::<0>();
                    tiles.zero::<1>();
                    tiles.zero::<2>();
                    tiles.zero::<3>();
                }
                let mut w = weights.as_ptr().cast::<u8>().add(column * TILE);
                for tap in 0..9 {
                    let first = (g.margin() + pixel) as isize + offset(g, tap);
                    let mut a = map.as_ptr().cast::<u8>().offset(first * from as isize);
                    for _ in 0..blocks {
                        tiles.load::<6>(w, LINE);
                        tiles.load::<4>(a, from);
                        tiles.multiply::<0, 4, 6>();
                        tiles.load::<7>(w.add(TILE), LINE);
                        tiles.multiply::<1, 4, 7>();
                        tiles.load::<5>(a.add(ROWS * from), from);
                        tiles.multiply::<2, 5, 6>();
                        tiles.multiply::<3, 5, 7>();
                        a = a.add(LINE);
                        w = w.wrapping_add(columns * TILE);
                    }
                }
                tiles.store::<0>(z, to);
                tiles.store::<1>(z.add(LINE), to);
                tiles.store::<2>(below, to);
                tiles.store::<3>(below.add(LINE), to);
            }
        }
    }
}

/// gradient[tap][input][output] += sum over pixels of h[pixel + tap][input] * dz[pixel][output], as h[q] * dz[q - tap]: so
/// tiles of both start on a line of the cache; where q - tap is odd, those of dz are of the odd pairs.
pub fn kernel_gradient<U: Tiles>(
    layer: &Layer,
    images: usize,
    transposed: &[Bf16],
    pairs: &[Bf16],
    gradient: &mut [f32],
) {
    let &Layer { geometry: g, inputs, outputs, .. } = layer;
    let (row, panel, pixels) = (row(layer), panel(layer), pixels(layer, images));
    assert!(inputs.is_multiple_of(2 * ROWS) && outputs.is_multiple_of(DEPTH) && images <= layer.group);
    assert!(transposed.len() >= inputs * row && pairs.len() >= 2 * outputs * panel);
    assert!(gradient.len() >= 9 * inputs * outputs);
    let (across, pair, to) = (row * size_of::<Bf16>(), 2 * LINE, outputs * size_of::<f32>());
    let mut tiles = U::start();
    for start in (0..pixels).step_by(CHUNK) {
        let length = CHUNK.min(pixels - start);
        for input in (0..inputs).step_by(2 * ROWS) {
            for output in (0..outputs).step_by(2 * ROWS) {
                for tap in 0..9 {
                    // SAFETY: the lengths were checked above. `length` is a multiple of 32, start + length <= row, and
                    // the pixel and all behind it lie between the margins of dz.
                    unsafe {
                        let sums = gradient.as_mut_ptr().cast::<u8>();
                        let sums = sums.add((tap * inputs + input) * to + output * size_of::<f32>());
                        let below = sums.add(ROWS * to);
                        tiles.load::<0>(sums, to);
                        tiles.load::<1>(sums.add(LINE), to);
                        tiles.load::<2>(below, to);
                        tiles.load::<3>(below.add(LINE), to);
                        let pixel = ((start + g.margin()) as isize - offset(g, tap)) as usize;
                        let odd = pixel % 2;
                        let mut a = transposed.as_ptr().add(input * row + start).cast::<u8>();
                        let b = pairs.as_ptr().add((odd * outputs + output) * panel + (pixel - odd) * DEPTH);
                        let mut b = b.cast::<u8>();
                        for _ in 0..length / DEPTH {
                            tiles.load::<6>(b, pair);
                            tiles.load::<4>(a, across);
                            tiles.multiply::<0, 4, 6>();
                            tiles.load::<7>(b.add(LINE), pair);
                            tiles.multiply::<1, 4, 7>();
                            tiles.load::<5>(a.add(ROWS * across), across);
                            tiles.multiply::<2, 5, 6>();
                            tiles.multiply::<3, 5, 7>();
                            a = a.wrapping_add(LINE);
                            b = b.wrapping_add(ROWS * pair);
                        }
                        tiles.store::<0>(sums, to);
                        tiles.store::<1>(sums.add(LINE), to);
                        tiles.store::<2>(below, to);
                        tiles.store::<3>(below.add(LINE), to);
                    }
                }
            }
        }
    }
}
