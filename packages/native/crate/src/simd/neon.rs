use super::{Bf16, Simd, Work};
use std::arch::aarch64::*;
use std::array::from_fn;

/// NEON, which every aarch64 processor has: four registers of four lanes.
#[derive(Clone, Copy, Debug)]
pub struct Neon(());

impl Neon {
    pub fn new() -> Option<Neon> {
        Some(Neon(()))
    }
}

/// An operation on all quarters.
macro_rules! quarters {
    ($($name:ident($($arg:ident),+) = $op:ident;)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: Self::V),+) -> Self::V {
            // SAFETY: aarch64 has NEON.
            unsafe { [$op($($arg[0]),+), $op($($arg[1]),+), $op($($arg[2]),+), $op($($arg[3]),+)] }
        }
    )+ };
}

/// `a > b ? a : b`, as on x86: of two zeros and of a NaN the second is taken.
#[inline(always)]
fn larger(a: float32x4_t, b: float32x4_t) -> float32x4_t {
    // SAFETY: aarch64 has NEON.
    unsafe { vbslq_f32(vcgtq_f32(a, b), a, b) }
}

#[inline(always)]
fn multiply_add(a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
    // SAFETY: aarch64 has NEON.
    unsafe { vfmaq_f32(c, a, b) }
}

impl Simd for Neon {
    type V = [float32x4_t; 4];
    const COLUMNS: usize = 1;
    const ROWS: usize = 6;

    #[inline(always)]
    fn run<W: Work>(self, work: W) {
        work.run(self)
    }

    quarters! {
        add(a, b) = vaddq_f32;
        sub(a, b) = vsubq_f32;
        mul(a, b) = vmulq_f32;
        div(a, b) = vdivq_f32;
        sqrt(a) = vsqrtq_f32;
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| larger(a[i], b[i]))
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        from_fn(|i| multiply_add(a[i], b[i], c[i]))
    }
    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        // SAFETY: aarch64 has NEON.
        unsafe { [vdupq_n_f32(x); 4] }
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> Self::V {
        // SAFETY: the caller has sixteen readable floats.
        from_fn(|i| unsafe { vld1q_f32(p.add(4 * i)) })
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: Self::V) {
        for (i, quarter) in v.into_iter().enumerate() {
            // SAFETY: the caller has sixteen writable floats.
            unsafe { vst1q_f32(p.add(4 * i), quarter) }
        }
    }
    #[inline(always)]
    fn gt(self, a: Self::V, b: Self::V) -> u16 {
        let mut mask = 0;
        for i in 0..4 {
            // SAFETY: aarch64 has NEON; the array holds the four weights.
            let bits =
                unsafe { vaddvq_u32(vandq_u32(vcgtq_f32(a[i], b[i]), vld1q_u32([1u32, 2, 4, 8].as_ptr()))) };
            mask |= (bits as u16) << (4 * i);
        }
        mask
    }
    #[inline(always)]
    fn keep(self, mask: u16, v: Self::V) -> Self::V {
        // SAFETY: aarch64 has NEON; the array holds the four weights.
        from_fn(|i| unsafe {
            let lanes = vtstq_u32(vdupq_n_u32((mask >> (4 * i)) as u32), vld1q_u32([1u32, 2, 4, 8].as_ptr()));
            vreinterpretq_f32_u32(vandq_u32(lanes, vreinterpretq_u32_f32(v[i])))
        })
    }
    #[inline(always)]
    unsafe fn load_bf16(self, p: *const Bf16) -> Self::V {
        // SAFETY: the caller has sixteen readable elements.
        from_fn(|i| unsafe {
            vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16((p as *const u16).add(4 * i))))
        })
    }
    #[inline(always)]
    unsafe fn store_bf16(self, p: *mut Bf16, v: Self::V) {
        for (i, quarter) in v.into_iter().enumerate() {
            // SAFETY: the caller has sixteen writable elements.
            unsafe {
                let bits = vreinterpretq_u32_f32(quarter);
                let odd = vandq_u32(vshrq_n_u32::<16>(bits), vdupq_n_u32(1));
                let rounded = vaddq_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7fff)));
                let quiet = vorrq_u32(bits, vdupq_n_u32(0x40_0000));
                let number = vceqq_f32(quarter, quarter);
                vst1_u16((p as *mut u16).add(4 * i), vshrn_n_u32::<16>(vbslq_u32(number, rounded, quiet)));
            }
        }
    }
}
