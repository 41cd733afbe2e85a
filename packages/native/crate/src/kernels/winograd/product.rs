//! The 36 matrix products of a strip of tiles.

use super::{POINTS, STAGGER};
use crate::simd::{LANES, Simd};

/// Contraction length of a block, a multiple of 16: its panel of weights (16 or 32 outputs wide) should take half of the L1
/// cache.
const DEPTH: usize = 256;

kernel! {
    /// out[point][tile][to] = rows[point][tile][from] * weights[point], packed as in `WinogradWeights`.
    pub fn rows_by_weights<'a, S>(s, points: usize, tiles: usize, from: usize, to: usize, rows: &'a [f32], weights: &'a [f32], out: &'a mut [f32]) {
        let width = S::COLUMNS * LANES;
        assert!(from.is_multiple_of(LANES) && to.is_multiple_of(width));
        let (row_slice, out_slice) = (tiles * from + STAGGER, tiles * to + STAGGER);
        assert!(rows.len() >= points * row_slice && out.len() >= points * out_slice && weights.len() >= points * from * to);
        for point in 0..points {
            for panel in (0..to).step_by(width) {
                for k in (0..from).step_by(DEPTH) {
                    let depth = DEPTH.min(from - k);
                    // SAFETY: the lengths were checked above; a block stays within its tiles, depth and panel.
                    unsafe {
                        let w = weights.as_ptr().add(point * from * to + panel * from + k * width);
                        let a = rows.as_ptr().add(point * row_slice + k * tiles);
                        let o = out.as_mut_ptr().add(point * out_slice + panel * tiles);
                        let mut t = 0;
                        while t < tiles {
                            let (a, o) = (a.add(t * LANES), o.add(t * LANES));
                            t += block_of(s, tiles - t, a, w, depth, o, tiles * LANES, k > 0);
                        }
                    }
                }
            }
        }
    }
}

/// One block of as many tiles as the registers allow and are left; returns how many. `step`: floats from sixteen channels
/// to the next.
#[inline(always)]
unsafe fn block_of<S: Simd>(
    s: S,
    left: usize,
    a: *const f32,
    w: *const f32,
    depth: usize,
    o: *mut f32,
    step: usize,
    add: bool,
) -> usize {
    macro_rules! block {
        ($rows:literal, $columns:literal) => {{
            // SAFETY: the caller's contract, for this many tiles.
            unsafe { block::<S, $rows, $columns>(s, a, w, depth, o, step, add) };
            $rows
        }};
    }
    match (S::COLUMNS, left.min(S::ROWS)) {
        (2, 14) => block!(14, 2),
        (2, 8..) => block!(8, 2),
        (2, 4..) => block!(4, 2),
        (2, _) => block!(1, 2),
        (_, 6) => block!(6, 1),
        (_, 4..) => block!(4, 1),
        (_, 2..) => block!(2, 1),
        _ => block!(1, 1),
    }
}

/// `ROWS` tiles times `COLUMNS` vectors of outputs, accumulators in registers.
#[inline(always)]
unsafe fn block<S: Simd, const ROWS: usize, const COLUMNS: usize>(
    s: S,
    a: *const f32,
    w: *const f32,
    depth: usize,
    o: *mut f32,
    step: usize,
    add: bool,
) {
    let mut sums = [[s.zero(); COLUMNS]; ROWS];
    // SAFETY: the caller has `ROWS` tiles of `depth` inputs in `a`, `depth` rows in `w` and `ROWS` tiles of outputs in `o`.
    unsafe {
        if add {
            for r in 0..ROWS {
                for c in 0..COLUMNS {
                    sums[r][c] = s.load(o.add(c * step + r * LANES));
                }
            }
        }
        let (mut a, mut w) = (a, w);
        for _ in 0..depth / LANES {
            for k in 0..LANES {
                let mut weights = [s.zero(); COLUMNS];
                for c in 0..COLUMNS {
                    weights[c] = s.load(w.add((k * COLUMNS + c) * LANES));
                }
                for r in 0..ROWS {
                    let x = s.splat(*a.add(r * LANES + k));
                    for c in 0..COLUMNS {
                        sums[r][c] = s.fma(x, weights[c], sums[r][c]);
                    }
                }
            }
            a = a.wrapping_add(step);
            w = w.wrapping_add(LANES * COLUMNS * LANES);
        }
        for r in 0..ROWS {
            for c in 0..COLUMNS {
                s.store(o.add(c * step + r * LANES), sums[r][c]);
            }
        }
    }
}

kernel! {
    /// gradient[point][from][to] = (or, unless `fresh`, +=) sum over tiles of inputs[point][tile][from] * outputs[point][tile][to]
    pub fn kernel_gradient<'a, S>(s, tiles: usize, from: usize, to: usize, inputs: &'a [f32], outputs: &'a [f32], gradient: &'a mut [f32], fresh: bool) {
        let width = S::COLUMNS * LANES;
        let (in_slice, out_slice) = (tiles * from + STAGGER, tiles * to + STAGGER);
        assert!(from.is_multiple_of(LANES) && to.is_multiple_of(width));
        assert!(inputs.len() >= POINTS * in_slice && outputs.len() >= POINTS * out_slice && gradient.len() >= POINTS * from * to);
        for point in 0..POINTS {
            for panel in (0..to).step_by(width) {
                for k in (0..from).step_by(LANES) {
                    // SAFETY: the lengths were checked above; the blocks stay within sixteen inputs and the panel.
                    unsafe {
                        let a = inputs.as_ptr().add(point * in_slice + k * tiles);
                        let b = outputs.as_ptr().add(point * out_slice + panel * tiles);
                        let o = gradient.as_mut_ptr().add((point * from + k) * to + panel);
                        if S::COLUMNS == 2 {
                            gradient_block::<S, 8, 2>(s, a, b, tiles, o, to, fresh);
                            gradient_block::<S, 8, 2>(s, a.add(8), b, tiles, o.add(8 * to), to, fresh);
                        } else {
                            gradient_block::<S, 6, 1>(s, a, b, tiles, o, to, fresh);
                            gradient_block::<S, 6, 1>(s, a.add(6), b, tiles, o.add(6 * to), to, fresh);
                            gradient_block::<S, 4, 1>(s, a.add(12), b, tiles, o.add(12 * to), to, fresh);
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn gradient_block<S: Simd, const ROWS: usize, const COLUMNS: usize>(
    s: S,
    a: *const f32,
    b: *const f32,
    tiles: usize,
    o: *mut f32,
    to: usize,
    fresh: bool,
) {
    let mut sums = [[s.zero(); COLUMNS]; ROWS];
    // SAFETY: the caller has `tiles` rows of `ROWS` in `a` and of a panel in `b`, and `ROWS` rows in `o`.
    unsafe {
        if !fresh {
            for r in 0..ROWS {
                for c in 0..COLUMNS {
                    sums[r][c] = s.load(o.add(r * to + c * LANES));
                }
            }
        }
        for t in 0..tiles {
            let mut d = [s.zero(); COLUMNS];
            for c in 0..COLUMNS {
                d[c] = s.load(b.add((c * tiles + t) * LANES));
            }
            for r in 0..ROWS {
                let x = s.splat(*a.add(t * LANES + r));
                for c in 0..COLUMNS {
                    sums[r][c] = s.fma(x, d[c], sums[r][c]);
                }
            }
        }
        for r in 0..ROWS {
            for c in 0..COLUMNS {
                s.store(o.add(r * to + c * LANES), sums[r][c]);
            }
        }
    }
}
