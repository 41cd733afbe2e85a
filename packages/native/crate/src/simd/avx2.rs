use super::{Bf16, Simd, Work};
use std::arch::x86_64::*;

/// AVX2 and FMA: two registers of eight lanes.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Avx2 {
    pub fn new() -> Option<Avx2> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Avx2(()))
    }
}

#[target_feature(enable = "avx2,fma")]
fn enter<W: Work>(s: Avx2, work: W) {
    work.run(s)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn lanes_of(mask: u16) -> __m256 {
    let bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(mask as i32), bit), bit))
}

/// To nearest even; the upper half of each lane. A NaN keeps its upper half, made quiet.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn round_to_bf16(v: __m256) -> __m256i {
    let bits = _mm256_castps_si256(v);
    let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(bits), _mm256_set1_epi32(1));
    let rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    let quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x40_0000));
    let nan = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_UNORD_Q>(v, v));
    _mm256_srli_epi32::<16>(_mm256_blendv_epi8(rounded, quiet, nan))
}

/// An operation on both halves.
macro_rules! halves {
    ($($name:ident($($arg:ident),+) = $op:ident;)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: Self::V),+) -> Self::V {
            // SAFETY: the token proves AVX2 and FMA.
            unsafe { [$op($($arg[0]),+), $op($($arg[1]),+)] }
        }
    )+ };
}

impl Simd for Avx2 {
    type V = [__m256; 2];
    const COLUMNS: usize = 1;
    const ROWS: usize = 6;

    #[inline(always)]
    fn run<W: Work>(self, work: W) {
        // SAFETY: the token proves AVX2 and FMA.
        unsafe { enter(self, work) }
    }

    halves! {
        add(a, b) = _mm256_add_ps;
        sub(a, b) = _mm256_sub_ps;
        mul(a, b) = _mm256_mul_ps;
        div(a, b) = _mm256_div_ps;
        max(a, b) = _mm256_max_ps;
        sqrt(a) = _mm256_sqrt_ps;
        fma(a, b, c) = _mm256_fmadd_ps;
    }

    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        // SAFETY: the token proves AVX2.
        unsafe { [_mm256_set1_ps(x); 2] }
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> Self::V {
        // SAFETY: the caller has sixteen readable floats.
        unsafe { [_mm256_loadu_ps(p), _mm256_loadu_ps(p.add(8))] }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: Self::V) {
        // SAFETY: the caller has sixteen writable floats.
        unsafe {
            _mm256_storeu_ps(p, v[0]);
            _mm256_storeu_ps(p.add(8), v[1]);
        }
    }
    #[inline(always)]
    fn gt(self, a: Self::V, b: Self::V) -> u16 {
        // SAFETY: the token proves AVX2.
        unsafe {
            let low = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(a[0], b[0]));
            let high = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(a[1], b[1]));
            (low | high << 8) as u16
        }
    }
    #[inline(always)]
    fn keep(self, mask: u16, v: Self::V) -> Self::V {
        // SAFETY: the token proves AVX2.
        unsafe { [_mm256_and_ps(lanes_of(mask & 255), v[0]), _mm256_and_ps(lanes_of(mask >> 8), v[1])] }
    }
    #[inline(always)]
    unsafe fn load_bf16(self, p: *const Bf16) -> Self::V {
        // SAFETY: the caller has sixteen readable elements.
        unsafe {
            let half = |i: usize| {
                let raw = _mm_loadu_si128((p as *const __m128i).add(i));
                _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(raw)))
            };
            [half(0), half(1)]
        }
    }
    #[inline(always)]
    unsafe fn store_bf16(self, p: *mut Bf16, v: Self::V) {
        // SAFETY: the caller has sixteen writable elements.
        unsafe {
            let packed = _mm256_packus_epi32(round_to_bf16(v[0]), round_to_bf16(v[1]));
            _mm256_storeu_si256(p as *mut __m256i, _mm256_permute4x64_epi64::<0xd8>(packed));
        }
    }
}
