//! The one-dimensional transforms: F(2, 3) with the points 0, +-1 and infinity, F(4, 3) with 0, +-A, +-B and infinity.

use crate::simd::Simd;

/// What the forward transforms need of a tile size. Arrays are those of the largest.
pub trait Tile: Copy + Send + Sync + 'static {
    /// Outputs in one direction.
    const OUTPUTS: usize;
    /// Points in one direction: `OUTPUTS` + 2.
    const POINTS: usize;
    /// Inputs to points (B^T).
    fn input<S: Simd>(s: S, d: [S::V; 6]) -> [S::V; 6];
    /// Points to outputs (A^T).
    fn output<S: Simd>(s: S, m: [S::V; 6]) -> [S::V; 4];
    /// Three taps to points (G).
    fn kernel<S: Simd>(s: S, g: [S::V; 3]) -> [S::V; 6];
}

#[derive(Clone, Copy)]
pub struct F2;

impl Tile for F2 {
    const OUTPUTS: usize = 2;
    const POINTS: usize = 4;

    #[inline(always)]
    fn input<S: Simd>(s: S, d: [S::V; 6]) -> [S::V; 6] {
        [s.sub(d[0], d[2]), s.add(d[1], d[2]), s.sub(d[2], d[1]), s.sub(d[1], d[3]), s.zero(), s.zero()]
    }

    #[inline(always)]
    fn output<S: Simd>(s: S, m: [S::V; 6]) -> [S::V; 4] {
        let first = s.add(s.add(m[0], m[1]), m[2]);
        [first, s.sub(s.sub(m[1], m[2]), m[3]), s.zero(), s.zero()]
    }

    #[inline(always)]
    fn kernel<S: Simd>(s: S, g: [S::V; 3]) -> [S::V; 6] {
        let (half, ends) = (s.splat(0.5), s.add(g[0], g[2]));
        let (sum, difference) = (s.mul(half, s.add(ends, g[1])), s.mul(half, s.sub(ends, g[1])));
        [g[0], sum, difference, g[2], s.zero(), s.zero()]
    }
}

#[derive(Clone, Copy)]
pub struct F4;

impl Tile for F4 {
    const OUTPUTS: usize = 4;
    const POINTS: usize = 6;

    #[inline(always)]
    fn input<S: Simd>(s: S, d: [S::V; 6]) -> [S::V; 6] {
        let (even_a, odd_a) =
            (s.fma(s.splat((-B2) as f32), d[2], d[4]), s.fma(s.splat((-B2) as f32), d[1], d[3]));
        let (even_b, odd_b) =
            (s.fma(s.splat((-A2) as f32), d[2], d[4]), s.fma(s.splat((-A2) as f32), d[1], d[3]));
        [
            s.fma(s.splat((A2 * B2) as f32), d[0], s.fma(s.splat((-A2 - B2) as f32), d[2], d[4])),
            s.fma(s.splat(A as f32), odd_a, even_a),
            s.fma(s.splat((-A) as f32), odd_a, even_a),
            s.fma(s.splat(B as f32), odd_b, even_b),
            s.fma(s.splat((-B) as f32), odd_b, even_b),
            s.fma(s.splat((A2 * B2) as f32), d[1], s.fma(s.splat((-A2 - B2) as f32), d[3], d[5])),
        ]
    }

    #[inline(always)]
    fn output<S: Simd>(s: S, m: [S::V; 6]) -> [S::V; 4] {
        let (sum_a, difference_a) = (s.add(m[1], m[2]), s.sub(m[1], m[2]));
        let (sum_b, difference_b) = (s.add(m[3], m[4]), s.sub(m[3], m[4]));
        [
            s.add(m[0], s.add(sum_a, sum_b)),
            s.fma(s.splat(A as f32), difference_a, s.mul(s.splat(B as f32), difference_b)),
            s.fma(s.splat((A2) as f32), sum_a, s.mul(s.splat((B2) as f32), sum_b)),
            s.fma(
                s.splat((A * A2) as f32),
                difference_a,
                s.fma(s.splat((B * B2) as f32), difference_b, m[5]),
            ),
        ]
    }

    #[inline(always)]
    fn kernel<S: Simd>(s: S, g: [S::V; 3]) -> [S::V; 6] {
        let even_a = s.fma(s.splat((GA * A2) as f32), g[2], s.mul(s.splat((GA) as f32), g[0]));
        let even_b = s.fma(s.splat((GB * B2) as f32), g[2], s.mul(s.splat((GB) as f32), g[0]));
        [
            s.mul(s.splat((G0) as f32), g[0]),
            s.fma(s.splat((GA * A) as f32), g[1], even_a),
            s.fma(s.splat((-GA * A) as f32), g[1], even_a),
            s.fma(s.splat((GB * B) as f32), g[1], even_b),
            s.fma(s.splat((-GB * B) as f32), g[1], even_b),
            g[2],
        ]
    }
}

const A: f64 = 0.75;
const B: f64 = 1.5;
const A2: f64 = A * A;
const B2: f64 = B * B;

/// The adjoint of `input` (B).
#[inline(always)]
pub fn input_adjoint<S: Simd>(s: S, v: [S::V; 6]) -> [S::V; 6] {
    let (sum_a, difference_a) = (s.add(v[1], v[2]), s.sub(v[1], v[2]));
    let (sum_b, difference_b) = (s.add(v[3], v[4]), s.sub(v[3], v[4]));
    [
        s.mul(s.splat((A2 * B2) as f32), v[0]),
        s.fma(
            s.splat((-A * B2) as f32),
            difference_a,
            s.fma(s.splat((-A2 * B) as f32), difference_b, s.mul(s.splat((A2 * B2) as f32), v[5])),
        ),
        s.fma(
            s.splat((-B2) as f32),
            sum_a,
            s.fma(s.splat((-A2) as f32), sum_b, s.mul(s.splat((-A2 - B2) as f32), v[0])),
        ),
        s.fma(
            s.splat(A as f32),
            difference_a,
            s.fma(s.splat(B as f32), difference_b, s.mul(s.splat((-A2 - B2) as f32), v[5])),
        ),
        s.add(v[0], s.add(sum_a, sum_b)),
        v[5],
    ]
}

/// The adjoint of `output` (A).
#[inline(always)]
pub fn output_adjoint<S: Simd>(s: S, y: [S::V; 4]) -> [S::V; 6] {
    let (even_a, odd_a) = (s.fma(s.splat((A2) as f32), y[2], y[0]), s.fma(s.splat((A2) as f32), y[3], y[1]));
    let (even_b, odd_b) = (s.fma(s.splat((B2) as f32), y[2], y[0]), s.fma(s.splat((B2) as f32), y[3], y[1]));
    [
        y[0],
        s.fma(s.splat(A as f32), odd_a, even_a),
        s.fma(s.splat((-A) as f32), odd_a, even_a),
        s.fma(s.splat(B as f32), odd_b, even_b),
        s.fma(s.splat((-B) as f32), odd_b, even_b),
        y[3],
    ]
}

const G0: f64 = 1.0 / (A2 * B2);
const GA: f64 = 1.0 / (2.0 * A2 * (A2 - B2));
const GB: f64 = 1.0 / (2.0 * B2 * (B2 - A2));

/// The adjoint of `kernel` (G^T).
#[inline(always)]
pub fn kernel_adjoint<S: Simd>(s: S, u: [S::V; 6]) -> [S::V; 3] {
    let (sum_a, difference_a) = (s.add(u[1], u[2]), s.sub(u[1], u[2]));
    let (sum_b, difference_b) = (s.add(u[3], u[4]), s.sub(u[3], u[4]));
    [
        s.fma(
            s.splat((GA) as f32),
            sum_a,
            s.fma(s.splat((GB) as f32), sum_b, s.mul(s.splat((G0) as f32), u[0])),
        ),
        s.fma(s.splat((GA * A) as f32), difference_a, s.mul(s.splat((GB * B) as f32), difference_b)),
        s.fma(s.splat((GA * A2) as f32), sum_a, s.fma(s.splat((GB * B2) as f32), sum_b, u[5])),
    ]
}
