//! The 36 matrix products of a strip of tiles.

use super::{POINTS, STAGGER};
use crate::simd::{LANES, Simd};

/// Contraction length of a block: its panel of weights (16 or 32 outputs wide) should take half of the L1 cache.
const DEPTH: usize = 256;
/// Inputs in a block of the kernel gradient; divides the padded channels.
const GRADIENT_ROWS: usize = 4;

kernel! {
    /// out[point][tile][to] = rows[point][tile][from] * weights[point], packed as in `WinogradWeights`.
    pub fn rows_by_weights<'a, S>(s, points: usize, tiles: usize, from: usize, to: usize, rows: &'a [f32], weights: &'a [f32], out: &'a mut [f32]) {
        let width = S::COLUMNS * LANES;
        assert!(from.is_multiple_of(width) && to.is_multiple_of(width));
        let (row_slice, out_slice) = (tiles * from + STAGGER, tiles * to + STAGGER);
        assert!(rows.len() >= points * row_slice && out.len() >= points * out_slice && weights.len() >= points * from * to);
        for point in 0..points {
            for panel in (0..to).step_by(width) {
                for k in (0..from).step_by(DEPTH) {
                    let depth = DEPTH.min(from - k);
                    // SAFETY: the lengths were checked above; a block stays within its tiles, depth and panel.
                    unsafe {
                        let w = weights.as_ptr().add(point * from * to + panel * from + k * width);
                        let a = rows.as_ptr().add(point * row_slice + k);
                        let o = out.as_mut_ptr().add(point * out_slice + panel);
                        let mut t = 0;
                        while t < tiles {
                            let (a, o) = (a.add(t * from), o.add(t * to));
                            t += block_of(s, tiles - t, a, from, w, depth, o, to, k > 0);
                        }
                    }
                }
            }
        }
    }
}

/// One block of as many tiles as the registers allow and are left; returns how many.
#[inline(always)]
unsafe fn block_of<S: Simd>(
    s: S,
    left: usize,
    a: *const f32,
    lda: usize,
    w: *const f32,
    depth: usize,
    o: *mut f32,
    ldo: usize,
    add: bool,
) -> usize {
    macro_rules! block {
        ($rows:literal, $columns:literal) => {{
            // SAFETY: the caller's contract, for this many tiles.
            unsafe { block::<S, $rows, $columns>(s, a, lda, w, depth, o, ldo, add) };
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
    lda: usize,
    w: *const f32,
    depth: usize,
    o: *mut f32,
    ldo: usize,
    add: bool,
) {
    let mut sums = [[s.zero(); COLUMNS]; ROWS];
    // SAFETY: the caller has `ROWS` rows of `depth` in `a`, `depth` rows in `w` and `ROWS` rows in `o`.
    unsafe {
        if add {
            for r in 0..ROWS {
                for c in 0..COLUMNS {
                    sums[r][c] = s.load(o.add(r * ldo + c * LANES));
                }
            }
        }
        for k in 0..depth {
            let mut weights = [s.zero(); COLUMNS];
            for c in 0..COLUMNS {
                weights[c] = s.load(w.add((k * COLUMNS + c) * LANES));
            }
            for r in 0..ROWS {
                let x = s.splat(*a.add(r * lda + k));
                for c in 0..COLUMNS {
                    sums[r][c] = s.fma(x, weights[c], sums[r][c]);
                }
            }
        }
        for r in 0..ROWS {
            for c in 0..COLUMNS {
                s.store(o.add(r * ldo + c * LANES), sums[r][c]);
            }
        }
    }
}

kernel! {
    /// gradient[point][from][to] = (or, unless `fresh`, +=) sum over tiles of inputs[point][tile][from] * outputs[point][tile][to]
    pub fn kernel_gradient<'a, S>(s, tiles: usize, from: usize, to: usize, inputs: &'a [f32], outputs: &'a [f32], gradient: &'a mut [f32], fresh: bool) {
        let width = S::COLUMNS * LANES;
        let (in_slice, out_slice) = (tiles * from + STAGGER, tiles * to + STAGGER);
        assert!(from.is_multiple_of(2 * GRADIENT_ROWS) && to.is_multiple_of(width));
        assert!(inputs.len() >= POINTS * in_slice && outputs.len() >= POINTS * out_slice && gradient.len() >= POINTS * from * to);
        for point in 0..POINTS {
            for panel in (0..to).step_by(width) {
                let mut k = 0;
                while k < from {
                    // SAFETY: the lengths were checked above; a block stays within its inputs and panel.
                    unsafe {
                        let a = inputs.as_ptr().add(point * in_slice + k);
                        let b = outputs.as_ptr().add(point * out_slice + panel);
                        let o = gradient.as_mut_ptr().add((point * from + k) * to + panel);
                        if S::COLUMNS == 2 {
                            gradient_block::<S, { 2 * GRADIENT_ROWS }, 2>(s, a, from, b, to, tiles, o, fresh);
                            k += 2 * GRADIENT_ROWS;
                        } else {
                            gradient_block::<S, GRADIENT_ROWS, 1>(s, a, from, b, to, tiles, o, fresh);
                            k += GRADIENT_ROWS;
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
    lda: usize,
    b: *const f32,
    ldb: usize,
    tiles: usize,
    o: *mut f32,
    fresh: bool,
) {
    let mut sums = [[s.zero(); COLUMNS]; ROWS];
    // SAFETY: the caller has `tiles` rows of `ROWS` in `a` and of a panel in `b`, and `ROWS` rows in `o`.
    unsafe {
        if !fresh {
            for r in 0..ROWS {
                for c in 0..COLUMNS {
                    sums[r][c] = s.load(o.add(r * ldb + c * LANES));
                }
            }
        }
        for t in 0..tiles {
            let mut d = [s.zero(); COLUMNS];
            for c in 0..COLUMNS {
                d[c] = s.load(b.add(t * ldb + c * LANES));
            }
            for r in 0..ROWS {
                let x = s.splat(*a.add(t * lda + r));
                for c in 0..COLUMNS {
                    sums[r][c] = s.fma(x, d[c], sums[r][c]);
                }
            }
        }
        for r in 0..ROWS {
            for c in 0..COLUMNS {
                s.store(o.add(r * ldb + c * LANES), sums[r][c]);
            }
        }
    }
}
