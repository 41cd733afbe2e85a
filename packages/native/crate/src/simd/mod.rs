//! Sixteen float32 lanes: the one abstraction that every kernel is written against.
//!
//! A backend is a token that exists only where the processor has its instructions, so holding one is the proof that
//! they may be used. Kernels are generic over the backend and enter a function compiled with its instructions through
//! [`Simd::run`]; see the `kernel!` macro.

#![deny(clippy::undocumented_unsafe_blocks)]

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
pub use avx512::Avx512;
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
    /// Rounds to nearest even.
    /// # Safety
    /// Sixteen elements are writable at `p`.
    unsafe fn store_bf16(self, p: *mut Bf16, v: Self::V);

    #[inline(always)]
    fn zero(self) -> Self::V {
        self.splat(0.0)
    }
}
