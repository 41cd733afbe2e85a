use super::{DEPTH, ROWS, Tiles};
use crate::simd::Bf16;

/// What the tile instructions compute, as Intel's manual has it (Software Developer's Manual 2, TDPBF16PS): denormals are
/// zero on the way in and out whatever the control register says, each sum is rounded to nearest even after a fused
/// multiply-add, the even and the odd products of a pair have sums of their own, and those two are added to the old value last.
pub struct EmulatedTiles {
    rows: [[[u8; 64]; ROWS]; 8],
}

fn flush(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0f32.copysign(x) } else { x }
}

/// sums[row][column] += a[row][k] * b[k / 2][column][k % 2]
#[inline(always)]
fn multiply(sums: &mut [[f32; ROWS]; ROWS], a: &[[f32; DEPTH]; ROWS], b: &[[[f32; ROWS]; 2]; ROWS]) {
    for (sums, a) in sums.iter_mut().zip(a) {
        let mut halves = [[0f32; ROWS]; 2];
        for (k, &x) in a.iter().enumerate() {
            for (sum, &y) in halves[k % 2].iter_mut().zip(&b[k / 2][k % 2]) {
                *sum = flush(x.mul_add(y, *sum));
            }
        }
        for column in 0..ROWS {
            let both = flush(halves[0][column] + halves[1][column]);
            sums[column] = flush(flush(sums[column]) + both);
        }
    }
}

/// The same with the instruction for `mul_add`, which is a slow call otherwise.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_fused(sums: &mut [[f32; ROWS]; ROWS], a: &[[f32; DEPTH]; ROWS], b: &[[[f32; ROWS]; 2]; ROWS]) {
    multiply(sums, a, b);
}

fn bf16s(row: &[u8; 64]) -> [f32; DEPTH] {
    std::array::from_fn(|i| flush(Bf16(u16::from_le_bytes([row[2 * i], row[2 * i + 1]])).to_f32()))
}

fn floats(row: &[u8; 64]) -> [f32; ROWS] {
    std::array::from_fn(|i| f32::from_le_bytes(std::array::from_fn(|byte| row[4 * i + byte])))
}

impl Tiles for EmulatedTiles {
    fn start() -> Self {
        EmulatedTiles { rows: [[[0; 64]; ROWS]; 8] }
    }

    fn zero<const TILE: usize>(&mut self) {
        self.rows[TILE] = [[0; 64]; ROWS];
    }

    unsafe fn load<const TILE: usize>(&mut self, from: *const u8, stride: usize) {
        for (i, row) in self.rows[TILE].iter_mut().enumerate() {
            // SAFETY: the contract is the same.
            *row = unsafe { from.add(i * stride).cast::<[u8; 64]>().read() };
        }
    }

    unsafe fn store<const TILE: usize>(&mut self, to: *mut u8, stride: usize) {
        for (i, row) in self.rows[TILE].iter().enumerate() {
            // SAFETY: the contract is the same.
            unsafe { to.add(i * stride).cast::<[u8; 64]>().write(*row) };
        }
    }

    fn multiply<const SUMS: usize, const A: usize, const B: usize>(&mut self) {
        let mut sums = self.rows[SUMS].each_ref().map(floats);
        let a = self.rows[A].each_ref().map(bf16s);
        let b = self.rows[B].each_ref().map(|row| {
            let pairs = bf16s(row);
            [0, 1].map(|half| std::array::from_fn(|column| pairs[2 * column + half]))
        });
        #[cfg(target_arch = "x86_64")]
        let fused = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        #[cfg(not(target_arch = "x86_64"))]
        let fused = false;
        if fused {
            // SAFETY: the instructions were detected.
            #[cfg(target_arch = "x86_64")]
            unsafe {
                multiply_fused(&mut sums, &a, &b);
            }
        } else {
            multiply(&mut sums, &a, &b);
        }
        for (row, sums) in self.rows[SUMS].iter_mut().zip(sums) {
            for (bytes, sum) in row.chunks_exact_mut(4).zip(sums) {
                bytes.copy_from_slice(&sum.to_le_bytes());
            }
        }
    }
}
