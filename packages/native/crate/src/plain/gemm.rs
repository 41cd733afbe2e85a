//! Matrix products for the plain kernels, in safe Rust that the compiler vectorises once for each instruction set.
//!
//! The right-hand matrix is packed into panels of `WIDTH` columns, `[columns / WIDTH][rows][WIDTH]`, padded with zeros.
//! Every element of a result is summed over the inner dimension in order, whatever its place in a block, so results do
//! not depend on how the rows are divided among threads.

/// The instruction set that the compiler may use. Results of one level are the same bits on every machine; levels with
/// fused multiply-add differ from `Portable` in rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every processor of the architecture has: SSE2 on x64, NEON on arm64.
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Columns in a panel.
const WIDTH: usize = 16;

/// What a product is added to.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    Zero,
    /// The same row for every row of the result.
    Bias(&'a [f32]),
    /// What the result holds already.
    Result,
}

impl Level {
    /// The levels of this architecture, best first.
    pub fn all() -> &'static [Level] {
        &[
            #[cfg(target_arch = "x86_64")]
            Level::Avx512,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2,
            Level::Portable,
        ]
    }

    /// The levels that this processor has, best first.
    pub fn available() -> Vec<Level> {
        #[allow(unused_mut)]
        let mut levels = vec![Level::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                levels.insert(0, Level::Avx2);
                if is_x86_feature_detected!("avx512f") {
                    levels.insert(0, Level::Avx512);
                }
            }
        }
        levels
    }

    pub fn name(self) -> &'static str {
        match self {
            Level::Portable => "plain",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "avx512",
        }
    }

    /// `c[m, n] = start + a[m, k] b[k, n]`; `a` is row-major, rows `k` apart, and so is `c`, rows `n` apart.
    pub fn multiply(self, a: &[f32], b: &Panels, c: &mut [f32], start: Start) {
        assert!(a.len().is_multiple_of(b.rows.max(1)) && c.len() * b.rows == a.len() * b.columns);
        match self {
            Level::Portable => multiply::<4, PORTABLE_FMA>(a, b, c, start),
            // SAFETY: a level is made only by `available`, which asks the processor for these features.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { multiply_avx2(a, b, c, start) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { multiply_avx512(a, b, c, start) },
        }
    }

    /// `c[m, n] += a[k, m] transposed b[k, n]`; `a` is row-major, rows `m` apart, and so is `c`, rows `n` apart.
    pub fn multiply_transposed(self, a: &[f32], b: &Panels, c: &mut [f32]) {
        assert!(b.columns > 0 && a.len() * b.columns == c.len() * b.rows);
        match self {
            Level::Portable => multiply_transposed::<4, PORTABLE_FMA>(a, b, c),
            // SAFETY: a level is made only by `available`, which asks the processor for these features.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { multiply_transposed_avx2(a, b, c) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { multiply_transposed_avx512(a, b, c) },
        }
    }
}

/// arm64 has fused multiply-add in its base instruction set; without it in hardware it would be a call.
const PORTABLE_FMA: bool = cfg!(target_arch = "aarch64");

/// A matrix `[rows, columns]` packed for the right-hand side.
#[derive(Default)]
pub struct Panels {
    rows: usize,
    columns: usize,
    data: Vec<f32>,
}

impl Panels {
    /// Packs a row-major matrix `[rows, columns]`.
    pub fn pack(&mut self, matrix: &[f32], columns: usize) {
        self.reshape(matrix.len() / columns, columns);
        for (panel, start) in self.data.chunks_exact_mut(self.rows * WIDTH).zip((0..columns).step_by(WIDTH)) {
            let width = WIDTH.min(columns - start);
            for (to, from) in panel.chunks_exact_mut(WIDTH).zip(matrix.chunks_exact(columns)) {
                to[..width].copy_from_slice(&from[start..start + width]);
                to[width..].fill(0.0);
            }
        }
    }

    /// Packs the transpose of a row-major matrix `[columns, rows]`.
    pub fn pack_transposed(&mut self, matrix: &[f32], rows: usize) {
        self.reshape(rows, matrix.len() / rows);
        self.data.fill(0.0);
        for (column, values) in matrix.chunks_exact(rows).enumerate() {
            let panel = &mut self.data[column / WIDTH * rows * WIDTH..][..rows * WIDTH];
            for (to, &value) in panel.chunks_exact_mut(WIDTH).zip(values) {
                to[column % WIDTH] = value;
            }
        }
    }

    fn reshape(&mut self, rows: usize, columns: usize) {
        (self.rows, self.columns) = (rows, columns);
        self.data.resize(rows * columns.next_multiple_of(WIDTH), 0.0);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_avx2(a: &[f32], b: &Panels, c: &mut [f32], start: Start) {
    multiply::<6, true>(a, b, c, start);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
fn multiply_avx512(a: &[f32], b: &Panels, c: &mut [f32], start: Start) {
    multiply::<12, true>(a, b, c, start);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_transposed_avx2(a: &[f32], b: &Panels, c: &mut [f32]) {
    multiply_transposed::<6, true>(a, b, c);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
fn multiply_transposed_avx512(a: &[f32], b: &Panels, c: &mut [f32]) {
    multiply_transposed::<12, true>(a, b, c);
}

#[inline(always)]
fn multiply<const M: usize, const FMA: bool>(a: &[f32], b: &Panels, c: &mut [f32], start: Start) {
    let (k, n) = (b.rows, b.columns);
    if k == 0 || n == 0 {
        return;
    }
    let mut columns = vec![[0f32; M]; k];
    let mut rows_a = a.chunks_exact(k * M);
    let mut rows_c = c.chunks_exact_mut(n * M);
    for (a, c) in rows_a.by_ref().zip(rows_c.by_ref()) {
        for (row, values) in a.chunks_exact(k).enumerate() {
            for (column, value) in columns.iter_mut().zip(values) {
                column[row] = *value;
            }
        }
        row_block::<M, FMA>(&columns, b, c, start);
    }
    for (a, c) in rows_a.remainder().chunks_exact(k).zip(rows_c.into_remainder().chunks_exact_mut(n)) {
        row_block::<1, FMA>(a.as_chunks().0, b, c, start);
    }
}

/// `M` rows of the result; `a` is `[k][M]`.
#[inline(always)]
fn row_block<const M: usize, const FMA: bool>(a: &[[f32; M]], b: &Panels, c: &mut [f32], start: Start) {
    let n = b.columns;
    for (panel, column) in b.data.chunks_exact(b.rows * WIDTH).zip((0..n).step_by(WIDTH)) {
        let width = WIDTH.min(n - column);
        let mut sums = [[0f32; WIDTH]; M];
        for (row, sum) in sums.iter_mut().enumerate() {
            match start {
                Start::Zero => {}
                Start::Bias(bias) => sum[..width].copy_from_slice(&bias[column..column + width]),
                Start::Result => sum[..width].copy_from_slice(&c[row * n + column..][..width]),
            }
        }
        for (a, b) in a.iter().zip(panel.chunks_exact(WIDTH)) {
            for (value, sum) in a.iter().zip(&mut sums) {
                accumulate::<FMA>(sum, *value, b);
            }
        }
        for (row, sum) in sums.iter().enumerate() {
            c[row * n + column..][..width].copy_from_slice(&sum[..width]);
        }
    }
}

#[inline(always)]
fn multiply_transposed<const M: usize, const FMA: bool>(a: &[f32], b: &Panels, c: &mut [f32]) {
    let (k, n) = (b.rows, b.columns);
    if k == 0 || c.is_empty() {
        return;
    }
    let m = c.len() / n;
    for (panel, column) in b.data.chunks_exact(k * WIDTH).zip((0..n).step_by(WIDTH)) {
        let width = WIDTH.min(n - column);
        let whole = m - m % M;
        for row in (0..whole).step_by(M) {
            transposed_block::<M, FMA>(a, m, row, panel, c, n, column, width);
        }
        for row in whole..m {
            transposed_block::<1, FMA>(a, m, row, panel, c, n, column, width);
        }
    }
}

#[inline(always)]
#[allow(clippy::too_many_arguments)] // pieces of one matrix product
fn transposed_block<const M: usize, const FMA: bool>(
    a: &[f32],
    m: usize,
    row: usize,
    panel: &[f32],
    c: &mut [f32],
    n: usize,
    column: usize,
    width: usize,
) {
    let mut sums = [[0f32; WIDTH]; M];
    for (offset, sum) in sums.iter_mut().enumerate() {
        sum[..width].copy_from_slice(&c[(row + offset) * n + column..][..width]);
    }
    for (a, b) in a.chunks_exact(m).zip(panel.chunks_exact(WIDTH)) {
        let a: &[f32; M] = a[row..row + M].try_into().expect("M values");
        for (value, sum) in a.iter().zip(&mut sums) {
            accumulate::<FMA>(sum, *value, b);
        }
    }
    for (offset, sum) in sums.iter().enumerate() {
        c[(row + offset) * n + column..][..width].copy_from_slice(&sum[..width]);
    }
}

#[inline(always)]
fn accumulate<const FMA: bool>(sum: &mut [f32; WIDTH], a: f32, b: &[f32]) {
    let b: &[f32; WIDTH] = b.try_into().expect("one row of a panel");
    for (sum, b) in sum.iter_mut().zip(b) {
        *sum = if FMA { a.mul_add(*b, *sum) } else { a * b + *sum };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns).map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0).collect()
    }

    #[test]
    fn products_of_every_shape_equal_sums_in_double_precision() {
        for level in Level::available() {
            for (m, k, n) in [(1, 1, 1), (5, 3, 7), (13, 20, 16), (24, 9, 33), (7, 64, 48)] {
                let (a, b) = (matrix(m, k), matrix(k, n));
                let at = |i: usize, j: usize| {
                    (0..k).map(|l| a[i * k + l] as f64 * b[l * n + j] as f64).sum::<f64>()
                };
                let mut panels = Panels::default();
                panels.pack(&b, n);
                let bias = matrix(1, n);
                let mut c = vec![9.0; m * n];
                level.multiply(&a, &panels, &mut c, Start::Bias(&bias));
                for i in 0..m {
                    for j in 0..n {
                        assert!(
                            (c[i * n + j] as f64 - at(i, j) - bias[j] as f64).abs() < 1e-5,
                            "{level:?} {m} {k} {n}"
                        );
                    }
                }
                let transposed: Vec<f32> = (0..n * k).map(|i| b[i % k * n + i / k]).collect();
                panels.pack_transposed(&transposed, k);
                level.multiply(&a, &panels, &mut c, Start::Zero);
                let a_transposed: Vec<f32> = (0..m * k).map(|i| a[i % m * k + i / m]).collect();
                let mut d = vec![1.0; m * n];
                level.multiply_transposed(&a_transposed, &panels, &mut d);
                for i in 0..m * n {
                    assert!((c[i] as f64 - at(i / n, i % n)).abs() < 1e-5);
                    assert!((d[i] as f64 - 1.0 - at(i / n, i % n)).abs() < 1e-5);
                }
            }
        }
    }
}
