//! The first convolution: any odd or even kernel, 'same' padding, few input channels, ReLU.

use super::stage::NormGradient;
use crate::simd::{Element, LANES, Simd};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stem {
    pub height: usize,
    pub width: usize,
    /// channels of an image
    pub inputs: usize,
    /// padded channels of the output
    pub outputs: usize,
    pub kernel: usize,
}

impl Stem {
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }
    /// Floats from a row of the padded image to the next.
    fn row(&self) -> usize {
        (self.width + self.kernel - 1) * self.inputs
    }
    /// Floats of a padded image.
    pub fn padded(&self) -> usize {
        (self.height + self.kernel - 1) * self.row()
    }
    pub fn taps(&self) -> usize {
        self.kernel * self.kernel * self.inputs
    }
    /// Copies an image [y][x][channel] into the middle of `padded`, whose border must be zero.
    fn pad(&self, image: &[f32], padded: &mut [f32]) {
        let (before, length) = ((self.kernel - 1) / 2, self.width * self.inputs);
        for (y, row) in image.chunks_exact(length).enumerate() {
            padded[(y + before) * self.row() + before * self.inputs..][..length].copy_from_slice(row);
        }
    }
}

/// out[pixel][output] = relu(image * kernel + bias) of one image; `padded` is scratch whose border is zero.
pub fn stem_forward<S: Simd, T: Element>(
    s: S,
    stem: Stem,
    image: &[f32],
    padded: &mut [f32],
    kernel: &[f32],
    bias: &[f32],
    out: &mut [T],
) {
    stem.pad(image, padded);
    convolve(s, stem, padded, kernel, bias, out);
}

kernel! {
    fn convolve<'a, S, T: Element>(s, stem: Stem, padded: &'a [f32], kernel: &'a [f32], bias: &'a [f32], out: &'a mut [T]) {
        let c = stem.outputs;
        assert!(c.is_multiple_of(S::COLUMNS * LANES) && padded.len() >= stem.padded() && kernel.len() >= stem.taps() * c);
        assert!(bias.len() >= c && out.len() >= stem.pixels() * c);
        for panel in (0..c).step_by(S::COLUMNS * LANES) {
            for y in 0..stem.height {
                let mut x = 0;
                while x < stem.width {
                    // SAFETY: the lengths were checked above; a block stays in its row and panel.
                    unsafe {
                        let from = padded.as_ptr().add(y * stem.row() + x * stem.inputs);
                        let to = out.as_mut_ptr().add((y * stem.width + x) * c + panel);
                        let (w, b) = (kernel.as_ptr().add(panel), bias.as_ptr().add(panel));
                        macro_rules! block {
                            ($pixels:literal, $columns:literal) => {{
                                block::<S, T, $pixels, $columns>(s, stem, from, w, b, to);
                                $pixels
                            }};
                        }
                        x += match (S::COLUMNS, (stem.width - x).min(S::ROWS)) {
                            (2, 14) => block!(14, 2),
                            (2, 4..) => block!(4, 2),
                            (2, _) => block!(1, 2),
                            (_, 6) => block!(6, 1),
                            (_, 4..) => block!(4, 1),
                            (_, 2..) => block!(2, 1),
                            _ => block!(1, 1),
                        };
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn block<S: Simd, T: Element, const PIXELS: usize, const COLUMNS: usize>(
    s: S,
    stem: Stem,
    from: *const f32,
    w: *const f32,
    bias: *const f32,
    to: *mut T,
) {
    // SAFETY: the caller has the taps of `PIXELS` pixels and room for their outputs.
    unsafe {
        let mut sums = [[s.zero(); COLUMNS]; PIXELS];
        for v in 0..COLUMNS {
            let b = s.load(bias.add(v * LANES));
            for p in 0..PIXELS {
                sums[p][v] = b;
            }
        }
        let run = stem.kernel * stem.inputs;
        let mut w = w;
        for y in 0..stem.kernel {
            let row = from.add(y * stem.row());
            for tap in 0..run {
                let mut weights = [s.zero(); COLUMNS];
                for v in 0..COLUMNS {
                    weights[v] = s.load(w.add(v * LANES));
                }
                w = w.add(stem.outputs);
                for p in 0..PIXELS {
                    let x = s.splat(*row.add(tap + p * stem.inputs));
                    for v in 0..COLUMNS {
                        sums[p][v] = s.fma(x, weights[v], sums[p][v]);
                    }
                }
            }
        }
        // Rounding to bf16 is too long for its loop to be unrolled, and sums that a loop counts through live in memory from
        // the first to the last. So they are put there once, at the end.
        let mut rows = [[[0f32; LANES]; COLUMNS]; PIXELS];
        for p in 0..PIXELS {
            for v in 0..COLUMNS {
                s.store(rows[p][v].as_mut_ptr(), s.max(sums[p][v], s.zero()));
            }
        }
        for p in 0..PIXELS {
            for v in 0..COLUMNS {
                T::store(s, to.add(p * stem.outputs + v * LANES), s.load(rows[p][v].as_ptr()));
            }
        }
    }
}

pub struct StemBackward<'a, T> {
    pub stem: Stem,
    pub image: &'a [f32],
    /// scratch as in `stem_forward`
    pub padded: &'a mut [f32],
    pub next: NormGradient<'a>,
    /// gradient of the next batch norm's output
    pub dh: &'a [T],
    /// the stem's output
    pub out: &'a [T],
    /// scratch, [pixel][output]
    pub dz: &'a mut [f32],
    /// += [tap][output]
    pub kernel_gradient: &'a mut [f32],
    pub bias_gradient: &'a mut [f64],
}

/// Kernel and bias gradient of one image.
pub fn stem_backward<S: Simd, T: Element>(s: S, e: StemBackward<T>) {
    e.stem.pad(e.image, e.padded);
    gradient(s, e);
}

kernel! {
    fn gradient<'a, S, T: Element>(s, e: StemBackward<'a, T>) {
        let (stem, c, pixels) = (e.stem, e.stem.outputs, e.stem.pixels());
        assert!(c.is_multiple_of(S::COLUMNS * LANES) && e.padded.len() >= stem.padded() && e.bias_gradient.len() >= c);
        assert!(e.dh.len() >= pixels * c && e.out.len() >= pixels * c && e.dz.len() >= pixels * c);
        assert!(e.kernel_gradient.len() >= stem.taps() * c);
        e.next.check(c);
        for k in (0..c).step_by(LANES) {
            // SAFETY: the lengths were checked above.
            unsafe {
                let (k1, k2) = (s.load(e.next.k1.as_ptr().add(k)), s.load(e.next.k2.as_ptr().add(k)));
                let (k3, mean) = (s.load(e.next.k3.as_ptr().add(k)), s.load(e.next.mean.as_ptr().add(k)));
                let mut sum = s.zero();
                for pixel in 0..pixels {
                    let at = pixel * c + k;
                    let x = T::load(s, e.out.as_ptr().add(at));
                    let d = s.fma(k1, T::load(s, e.dh.as_ptr().add(at)), s.fma(k2, s.sub(x, mean), k3));
                    let d = s.keep(s.gt(x, s.zero()), d);
                    sum = s.add(sum, d);
                    s.store(e.dz.as_mut_ptr().add(at), d);
                }
                let mut lanes = [0f32; LANES];
                s.store(lanes.as_mut_ptr(), sum);
                for (total, lane) in e.bias_gradient[k..k + LANES].iter_mut().zip(lanes) {
                    *total += lane as f64;
                }
            }
        }
        let run = stem.kernel * stem.inputs;
        for panel in (0..c).step_by(S::COLUMNS * LANES) {
            for y in 0..stem.kernel {
                let mut tap = 0;
                while tap < run {
                    // SAFETY: the lengths were checked above; the taps stay in their run.
                    unsafe {
                        let image = e.padded.as_ptr().add(y * stem.row() + tap);
                        let dz = e.dz.as_ptr().add(panel);
                        let to = e.kernel_gradient.as_mut_ptr().add((y * run + tap) * c + panel);
                        macro_rules! taps {
                            ($taps:literal) => {{
                                if S::COLUMNS == 2 {
                                    gradient_taps::<S, $taps, 2>(s, stem, image, dz, to);
                                } else {
                                    gradient_taps::<S, $taps, 1>(s, stem, image, dz, to);
                                }
                                $taps
                            }};
                        }
                        tap += match run - tap {
                            5.. => taps!(5),
                            3.. => taps!(3),
                            _ => taps!(1),
                        };
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn gradient_taps<S: Simd, const TAPS: usize, const COLUMNS: usize>(
    s: S,
    stem: Stem,
    image: *const f32,
    dz: *const f32,
    to: *mut f32,
) {
    // SAFETY: the caller has the taps of every pixel, its gradient and room for the result.
    unsafe {
        let mut sums = [[s.zero(); COLUMNS]; TAPS];
        for t in 0..TAPS {
            for v in 0..COLUMNS {
                sums[t][v] = s.load(to.add(t * stem.outputs + v * LANES));
            }
        }
        let mut d = dz;
        for y in 0..stem.height {
            let mut x = image.add(y * stem.row());
            for _ in 0..stem.width {
                for t in 0..TAPS {
                    let value = s.splat(*x.add(t));
                    for v in 0..COLUMNS {
                        sums[t][v] = s.fma(value, s.load(d.add(v * LANES)), sums[t][v]);
                    }
                }
                x = x.add(stem.inputs);
                d = d.add(stem.outputs);
            }
        }
        for t in 0..TAPS {
            for v in 0..COLUMNS {
                s.store(to.add(t * stem.outputs + v * LANES), sums[t][v]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::noise;

    fn check<S: Simd>(s: S, height: usize, width: usize, inputs: usize, kernel: usize) {
        let stem = Stem { height, width, inputs, outputs: 32, kernel };
        let (pixels, taps) = (stem.pixels(), stem.taps());
        let image = noise(1, pixels * inputs);
        let (weights, bias, dh) = (noise(2, taps * 32), noise(3, 32), noise(4, pixels * 32));
        let (mean, k1, k2, k3) = (noise(5, 32), noise(6, 32), noise(7, 32), noise(8, 32));
        let (mut padded, mut out) = (vec![0.0; stem.padded()], vec![f32::NAN; pixels * 32]);
        stem_forward(s, stem, &image, &mut padded, &weights, &bias, &mut out);

        let before = (kernel - 1) / 2;
        let tap = |pixel: usize, tap: usize| {
            let (y, x) = (pixel / width + tap / inputs / kernel, pixel % width + tap / inputs % kernel);
            let inside = y >= before && x >= before && y - before < height && x - before < width;
            if inside {
                image[((y - before) * width + x - before) * inputs + tap % inputs] as f64
            } else {
                0.0
            }
        };
        let close = |got: f32, want: f64, size: usize| {
            (got as f64 - want).abs() <= 1e-5 * (size as f64).sqrt() * (1.0 + want.abs())
        };
        let mut dz = vec![0f64; pixels * 32];
        for (i, y) in out.iter().enumerate() {
            let (pixel, o) = (i / 32, i % 32);
            let sum =
                (0..taps).map(|t| tap(pixel, t) * weights[t * 32 + o] as f64).sum::<f64>() + bias[o] as f64;
            assert!(close(*y, sum.max(0.0), taps), "out[{i}]: {y}, expected {}", sum.max(0.0));
            if *y > 0.0 {
                dz[i] = (k1[o] * dh[i]) as f64 + k2[o] as f64 * (*y as f64 - mean[o] as f64) + k3[o] as f64;
            }
        }

        let next = NormGradient { mean: &mean, k1: &k1, k2: &k2, k3: &k3 };
        let (mut kernel_gradient, mut bias_gradient) = (vec![0.0; taps * 32], vec![0.0; 32]);
        let mut scratch = vec![f32::NAN; pixels * 32];
        stem_backward(
            s,
            StemBackward {
                stem,
                image: &image,
                padded: &mut padded,
                next,
                dh: &dh,
                out: &out,
                dz: &mut scratch,
                kernel_gradient: &mut kernel_gradient,
                bias_gradient: &mut bias_gradient,
            },
        );
        for (i, got) in kernel_gradient.iter().enumerate() {
            let want = (0..pixels).map(|p| tap(p, i / 32) * dz[p * 32 + i % 32]).sum();
            assert!(close(*got, want, pixels), "kernel gradient [{i}]: {got}, expected {want}");
        }
        for (o, got) in bias_gradient.iter().enumerate() {
            let want = (0..pixels).map(|p| dz[p * 32 + o]).sum();
            assert!(close(*got as f32, want, pixels), "bias gradient [{o}]: {got}, expected {want}");
        }
    }

    #[test]
    fn equals_sums_of_taps() {
        for (height, width, inputs, kernel) in
            [(1, 1, 1, 1), (7, 5, 1, 5), (4, 17, 3, 3), (6, 6, 2, 4), (3, 3, 4, 7)]
        {
            for_each_backend!(|s| check(s, height, width, inputs, kernel));
        }
    }
}
