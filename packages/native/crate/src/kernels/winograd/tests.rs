//! Each product of a convolution against sums of nine taps in float64, on every path of this machine.

use super::*;
use crate::noise::noise;

/// A dense map [image][y][x][channel] in a padded one.
fn pad(g: Geometry, images: usize, channels: usize, map: &[f32]) -> Vec<f32> {
    let mut padded = vec![0.0; g.padded(images) * channels];
    for (pixel, values) in map.chunks_exact(channels).enumerate() {
        padded[at(g, pixel) * channels..][..channels].copy_from_slice(values);
    }
    padded
}

/// Padded position of a dense pixel.
fn at(g: Geometry, pixel: usize) -> usize {
    let (image, rest) = (pixel / (g.height * g.width), pixel % (g.height * g.width));
    g.margin() + image * g.image + rest / g.width * g.row + rest % g.width
}

/// Calls `visit(tap, input pixel, output pixel)` for every tap inside the image.
fn taps(g: Geometry, images: usize, mut visit: impl FnMut(usize, usize, usize)) {
    for image in 0..images {
        for y in 0..g.height {
            for x in 0..g.width {
                for tap in 0..9 {
                    let (v, u) = (y + tap / 3, x + tap % 3);
                    if v >= 1 && u >= 1 && v <= g.height && u <= g.width {
                        let pixel = |y, x| (image * g.height + y) * g.width + x;
                        visit(tap, pixel(v - 1, u - 1), pixel(y, x));
                    }
                }
            }
        }
    }
}

fn assert_close(what: &str, got: impl Iterator<Item = f32>, want: &[f64]) {
    let largest = want.iter().fold(0f64, |a, b| a.max(b.abs()));
    for (i, (got, want)) in got.zip(want).enumerate() {
        assert!(
            (got as f64 - want).abs() <= 1e-5 * largest,
            "{what}[{i}]: {got}, expected {want} (largest {largest})"
        );
    }
}

fn check<S: Simd>(s: S, height: usize, width: usize, images: usize, inputs: usize, outputs: usize) {
    let g = Geometry::new(height, width, TILE);
    let pixels = g.dense(images);
    let (h, dz) = (noise(1, pixels * inputs), noise(2, pixels * outputs));
    let kernel = noise(3, 9 * inputs * outputs);
    let mut weights = WinogradWeights::new(inputs, outputs);
    weights.pack(s, &kernel);
    let mut winograd = Winograd::new(5, inputs.max(outputs));
    let tiles = Tiles::new(g, images);
    let clock = &mut Clock::default();

    let mut want = vec![0f64; pixels * outputs];
    let mut want_h = vec![0f64; pixels * inputs];
    let mut want_kernel = vec![0f64; 9 * inputs * outputs];
    taps(g, images, |tap, from, to| {
        for i in 0..inputs {
            for o in 0..outputs {
                let k = (tap * inputs + i) * outputs + o;
                let (x, d, w) = (h[from * inputs + i] as f64, dz[to * outputs + o] as f64, kernel[k] as f64);
                want[to * outputs + o] += x * w;
                want_h[from * inputs + i] += d * w;
                want_kernel[k] += x * d;
            }
        }
    });

    let padded = pad(g, images, inputs, &h);
    let mut z = vec![f32::NAN; g.padded(images) * outputs];
    winograd.forward(s, g, &tiles, images, &padded, &weights, &mut z, clock);
    let dense = |z: &[f32], channels: usize| {
        (0..pixels).flat_map(|p| z[at(g, p) * channels..][..channels].to_vec()).collect::<Vec<_>>()
    };
    assert_close("output", dense(&z, outputs).into_iter(), &want);
    weights.pack_evaluation(s, &kernel);
    z.fill(f32::NAN);
    winograd.evaluate(s, g, &tiles, images, &padded, &weights, &mut z, clock);
    assert_close("output in evaluation", dense(&z, outputs).into_iter(), &want);
    weights.pack(s, &kernel);

    let mut gradient = vec![f32::NAN; weights.gradient_length()];
    let mut dh = vec![0f32; g.padded(images) * inputs];
    let padded_dz = pad(g, images, outputs, &dz);
    winograd.backward(
        s,
        g,
        &tiles,
        images,
        &padded,
        &padded_dz,
        &weights,
        &mut gradient,
        true,
        &mut dh,
        clock,
    );
    assert_close("input gradient", dense(&dh, inputs).into_iter(), &want_h);
    let mut unpacked = vec![f32::NAN; kernel.len()];
    weights.unpack_gradient(s, &gradient, &mut unpacked);
    assert_close("kernel gradient", unpacked.iter().copied(), &want_kernel);

    // A second group adds to the first.
    winograd.backward(
        s,
        g,
        &tiles,
        images,
        &padded,
        &padded_dz,
        &weights,
        &mut gradient,
        false,
        &mut dh,
        clock,
    );
    weights.unpack_gradient(s, &gradient, &mut unpacked);
    let twice: Vec<f64> = want_kernel.iter().map(|x| 2.0 * x).collect();
    assert_close("kernel gradient of two groups", unpacked.iter().copied(), &twice);
}

#[test]
fn convolutions_equal_sums_of_taps() {
    let sizes = [
        (1, 1, 1, 32, 32),
        (4, 4, 3, 32, 64),
        (7, 7, 2, 64, 32),
        (5, 9, 1, 32, 32),
        (2, 3, 4, 32, 96),
        (8, 6, 1, 288, 32),
    ];
    for (height, width, images, inputs, outputs) in sizes {
        for_each_backend!(|s| check(s, height, width, images, inputs, outputs));
    }
}
