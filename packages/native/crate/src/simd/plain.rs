use super::{Bf16, LANES, Simd, Work};
use std::array::from_fn;

/// Plain Rust. Products are rounded before they are added: a fused multiply-add without the instruction is a slow call.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// `Wide` has the block shapes of AVX-512, so that tests run them on any machine.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub struct Wide;

macro_rules! plain {
    ($name:ident, $columns:literal, $rows:literal) => {
        impl Simd for $name {
            type V = [f32; LANES];
            const COLUMNS: usize = $columns;
            const ROWS: usize = $rows;

            #[inline(always)]
            fn run<W: Work>(self, work: W) {
                work.run(self)
            }
            #[inline(always)]
            fn splat(self, x: f32) -> Self::V {
                [x; LANES]
            }
            #[inline(always)]
            unsafe fn load(self, p: *const f32) -> Self::V {
                // SAFETY: the caller has sixteen readable floats.
                unsafe { (p as *const Self::V).read_unaligned() }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut f32, v: Self::V) {
                // SAFETY: the caller has sixteen writable floats.
                unsafe { (p as *mut Self::V).write_unaligned(v) }
            }
            #[inline(always)]
            fn add(self, a: Self::V, b: Self::V) -> Self::V {
                from_fn(|i| a[i] + b[i])
            }
            #[inline(always)]
            fn sub(self, a: Self::V, b: Self::V) -> Self::V {
                from_fn(|i| a[i] - b[i])
            }
            #[inline(always)]
            fn mul(self, a: Self::V, b: Self::V) -> Self::V {
                from_fn(|i| a[i] * b[i])
            }
            #[inline(always)]
            fn div(self, a: Self::V, b: Self::V) -> Self::V {
                from_fn(|i| a[i] / b[i])
            }
            #[inline(always)]
            fn sqrt(self, a: Self::V) -> Self::V {
                a.map(f32::sqrt)
            }
            #[inline(always)]
            fn max(self, a: Self::V, b: Self::V) -> Self::V {
                from_fn(|i| if a[i] > b[i] { a[i] } else { b[i] })
            }
            #[inline(always)]
            fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
                from_fn(|i| a[i] * b[i] + c[i])
            }
            #[inline(always)]
            fn gt(self, a: Self::V, b: Self::V) -> u16 {
                (0..LANES).fold(0, |mask, i| mask | ((a[i] > b[i]) as u16) << i)
            }
            #[inline(always)]
            fn keep(self, mask: u16, v: Self::V) -> Self::V {
                from_fn(|i| if mask >> i & 1 == 1 { v[i] } else { 0.0 })
            }
            #[inline(always)]
            unsafe fn load_bf16(self, p: *const Bf16) -> Self::V {
                // SAFETY: the caller has sixteen readable elements.
                from_fn(|i| unsafe { *p.add(i) }.to_f32())
            }
            #[inline(always)]
            unsafe fn store_bf16(self, p: *mut Bf16, v: Self::V) {
                for (i, x) in v.into_iter().enumerate() {
                    // SAFETY: the caller has sixteen writable elements.
                    unsafe { *p.add(i) = Bf16::from_f32(x) }
                }
            }
        }
    };
}

plain!(Plain, 1, 2);
#[cfg(test)]
plain!(Wide, 2, 14);
