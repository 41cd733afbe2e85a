//! Sixteen float32 lanes: the one abstraction that every kernel is written against.
//!
//! A backend is a token that exists only where the processor has its instructions, so holding one is the proof that
//! they may be used. Kernels are generic over the backend and enter a function compiled with its instructions through
//! [`Simd::run`]; see the `kernel!` macro.

#![deny(clippy::undocumented_unsafe_blocks)]
// Loops over lanes count, so that they are unrolled.
#![allow(clippy::needless_range_loop)]

/// Runs an expression with every backend of this machine, and with the shapes of AVX-512.
#[cfg(test)]
macro_rules! for_each_backend {
    (|$s:ident| $run:expr) => {{
        {
            let $s = crate::simd::Plain;
            $run;
        }
        {
            let $s = crate::simd::Wide;
            $run;
        }
        #[cfg(target_arch = "x86_64")]
        {
            if let Some($s) = crate::simd::Avx2::new() {
                $run;
            }
            if let Some($s) = crate::simd::Avx512::new() {
                $run;
            }
            if let Some($s) = crate::simd::Avx512Bf16::new() {
                $run;
            }
        }
        #[cfg(target_arch = "aarch64")]
        if let Some($s) = crate::simd::Neon::new() {
            $run;
        }
    }};
}

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod element;
#[cfg(target_arch = "aarch64")]
mod neon;
mod path;
mod plain;

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub use avx512::{Avx512, Avx512Bf16};
pub use element::{Bf16, Element};
#[cfg(target_arch = "aarch64")]
pub use neon::Neon;
pub use path::{Path, Precision};
pub use plain::Plain;
#[cfg(test)]
pub use plain::Wide;

pub const LANES: usize = 16;

/// Work that [`Simd::run`] compiles for the processor's instructions.
pub trait Work {
    fn run<S: Simd>(self, s: S);
}

pub trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen float32.
    type V: Copy;
    /// Vectors of outputs in a block of a matrix product; the width of a packed panel in vectors.
    const COLUMNS: usize;
    /// Rows in a block of a matrix product: as many as leave the accumulators in registers.
    const ROWS: usize;

    /// Calls `work` inside a function that has the backend's instructions enabled.
    fn run<W: Work>(self, work: W);

    fn splat(self, x: f32) -> Self::V;
    /// # Safety
    /// Sixteen floats are readable at `p`, at any alignment.
    unsafe fn load(self, p: *const f32) -> Self::V;
    /// # Safety
    /// Sixteen floats are writable at `p`, at any alignment.
    unsafe fn store(self, p: *mut f32, v: Self::V);
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    fn sqrt(self, a: Self::V) -> Self::V;
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once where the processor can.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// One bit a lane: `a > b`.
    fn gt(self, a: Self::V, b: Self::V) -> u16;
    /// The lane where its bit is set, 0 elsewhere.
    fn keep(self, mask: u16, v: Self::V) -> Self::V;
    /// # Safety
    /// Sixteen elements are readable at `p`.
    unsafe fn load_bf16(self, p: *const Bf16) -> Self::V;
    /// Rounds to nearest even; a denormal may become zero.
    /// # Safety
    /// Sixteen elements are writable at `p`.
    unsafe fn store_bf16(self, p: *mut Bf16, v: Self::V);

    /// Two bf16 as the bits of each lane, the one of `x` in the lower half.
    /// # Safety
    /// Sixteen elements are readable at `x` and at `y`.
    #[inline(always)]
    unsafe fn pairs(self, x: *const Bf16, y: *const Bf16) -> Self::V {
        let mut lanes = [0u32; LANES];
        for i in 0..LANES {
            // SAFETY: the caller has sixteen elements; the array holds sixteen lanes.
            unsafe { lanes[i] = (*x.add(i)).0 as u32 | ((*y.add(i)).0 as u32) << 16 };
        }
        // SAFETY: as above.
        unsafe { self.load(lanes.as_ptr().cast()) }
    }
    /// Lane j of row i becomes lane i of row j, bit by bit.
    #[inline(always)]
    fn transpose(self, rows: [Self::V; LANES]) -> [Self::V; LANES] {
        let (mut from, mut to) = ([[0u32; LANES]; LANES], [[0u32; LANES]; LANES]);
        for i in 0..LANES {
            // SAFETY: the row holds sixteen lanes.
            unsafe { self.store(from[i].as_mut_ptr().cast(), rows[i]) };
        }
        for i in 0..LANES {
            for j in 0..LANES {
                to[j][i] = from[i][j];
            }
        }
        // SAFETY: as above.
        to.map(|row| unsafe { self.load(row.as_ptr().cast()) })
    }

    #[inline(always)]
    fn zero(self) -> Self::V {
        self.splat(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits<S: Simd>(s: S, v: S::V) -> [u32; LANES] {
        let mut lanes = [0u32; LANES];
        // SAFETY: the array holds sixteen lanes.
        unsafe { s.store(lanes.as_mut_ptr().cast(), v) };
        lanes
    }

    fn check<S: Simd>(s: S) {
        // Among them signalling NaNs, which must stay what they are.
        let rows: [[u32; LANES]; LANES] =
            std::array::from_fn(|i| std::array::from_fn(|j| 0x7f80_0001 + (i * LANES + j) as u32));
        // SAFETY: the rows hold sixteen lanes.
        let transposed = s.transpose(rows.map(|row| unsafe { s.load(row.as_ptr().cast()) }));
        for (j, column) in transposed.into_iter().enumerate() {
            assert_eq!(bits(s, column), std::array::from_fn(|i| rows[i][j]));
        }
        let elements: [Bf16; 2 * LANES] = std::array::from_fn(|i| Bf16(0x7f81 + i as u16));
        // SAFETY: both have sixteen elements.
        let pairs = unsafe { s.pairs(elements.as_ptr(), elements[LANES..].as_ptr()) };
        let want = |i: usize| elements[i].0 as u32 | (elements[LANES + i].0 as u32) << 16;
        assert_eq!(bits(s, pairs), std::array::from_fn(want));
    }

    #[test]
    fn bits_are_moved_as_they_are() {
        for_each_backend!(|s| check(s));
    }

    /// Ties, numbers that round up to the next exponent or to infinity, infinities and NaNs among them.
    #[test]
    fn bf16_is_rounded_to_nearest_even() {
        fn check<S: Simd>(s: S) {
            for upper in (0x0080..=0xffffu32).filter(|upper| upper & 0x7f80 != 0) {
                let values: [f32; LANES] = std::array::from_fn(|i| {
                    f32::from_bits(upper << 16 | [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff][i % 6])
                });
                let mut rounded = [Bf16::default(); LANES];
                // SAFETY: both have sixteen elements.
                unsafe { s.store_bf16(rounded.as_mut_ptr(), s.load(values.as_ptr())) };
                assert_eq!(rounded, values.map(Bf16::from_f32), "{values:?}");
            }
        }
        for_each_backend!(|s| check(s));
    }
}
