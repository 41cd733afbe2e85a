use super::{Bf16, Simd, Work};
use std::arch::x86_64::*;

/// AVX-512 F, BW, DQ and VL: one register.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(());

impl Avx512 {
    pub fn new() -> Option<Avx512> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("fma");
        found.then_some(Avx512(()))
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
fn enter<W: Work>(s: Avx512, work: W) {
    work.run(s)
}

/// The same with the instruction that rounds to bf16, which every processor with AMX has. It makes zeros of denormals;
/// where those are flushed anyway its bits are `Avx512`'s.
#[derive(Clone, Copy, Debug)]
pub struct Avx512Bf16(());

impl Avx512Bf16 {
    pub fn new() -> Option<Avx512Bf16> {
        let found = Avx512::new().is_some() && is_x86_feature_detected!("avx512bf16");
        found.then_some(Avx512Bf16(()))
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")]
fn enter_bf16<W: Work>(s: Avx512Bf16, work: W) {
    work.run(s)
}

/// Rounds as `Avx2` does, so that their bits are equal.
/// # Safety
/// Sixteen elements are writable at `p`, and the processor has AVX-512.
#[inline(always)]
unsafe fn round_in_integers(p: *mut Bf16, v: __m512) {
    // SAFETY: the contract is the same.
    unsafe {
        let bits = _mm512_castps_si512(v);
        let odd = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
        let rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
        let nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(v, v);
        let all = _mm512_mask_or_epi32(rounded, nan, bits, _mm512_set1_epi32(0x40_0000));
        _mm256_storeu_si256(p as *mut __m256i, _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(all)));
    }
}

/// Rounds with the instruction for it.
/// # Safety
/// Sixteen elements are writable at `p`, and the processor has AVX512-BF16.
#[inline(always)]
unsafe fn round_at_once(p: *mut Bf16, v: __m512) {
    // SAFETY: the contract is the same; both types are 32 bytes.
    unsafe {
        _mm256_storeu_si256(
            p as *mut __m256i,
            std::mem::transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(v)),
        )
    }
}

macro_rules! ops {
    ($($name:ident($($arg:ident),+) = $op:ident;)+) => { $(
        #[inline(always)]
        fn $name(self, $($arg: __m512),+) -> __m512 {
            // SAFETY: the token proves AVX-512.
            unsafe { $op($($arg),+) }
        }
    )+ };
}

macro_rules! backend {
    ($token:ty, $enter:ident, $store_bf16:ident) => {
        impl Simd for $token {
            type V = __m512;
            const COLUMNS: usize = 2;
            const ROWS: usize = 14;

            #[inline(always)]
            fn run<W: Work>(self, work: W) {
                // SAFETY: the token proves AVX-512.
                unsafe { $enter(self, work) }
            }

            ops! {
                add(a, b) = _mm512_add_ps;
                sub(a, b) = _mm512_sub_ps;
                mul(a, b) = _mm512_mul_ps;
                div(a, b) = _mm512_div_ps;
                max(a, b) = _mm512_max_ps;
                sqrt(a) = _mm512_sqrt_ps;
                fma(a, b, c) = _mm512_fmadd_ps;
            }

            #[inline(always)]
            fn splat(self, x: f32) -> __m512 {
                // SAFETY: the token proves AVX-512.
                unsafe { _mm512_set1_ps(x) }
            }
            #[inline(always)]
            unsafe fn load(self, p: *const f32) -> __m512 {
                // SAFETY: the caller has sixteen readable floats.
                unsafe { _mm512_loadu_ps(p) }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut f32, v: __m512) {
                // SAFETY: the caller has sixteen writable floats.
                unsafe { _mm512_storeu_ps(p, v) }
            }
            #[inline(always)]
            fn gt(self, a: __m512, b: __m512) -> u16 {
                // SAFETY: the token proves AVX-512.
                unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b) }
            }
            #[inline(always)]
            fn keep(self, mask: u16, v: __m512) -> __m512 {
                // SAFETY: the token proves AVX-512.
                unsafe { _mm512_maskz_mov_ps(mask, v) }
            }
            #[inline(always)]
            fn transpose(self, mut r: [__m512; 16]) -> [__m512; 16] {
                // SAFETY: the token proves AVX-512.
                unsafe {
                    let low =
                        |a, b| _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
                    let high =
                        |a, b| _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
                    let mut t = r;
                    for i in 0..8 {
                        t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
                        t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
                    }
                    for i in 0..4 {
                        r[4 * i] = low(t[4 * i], t[4 * i + 2]);
                        r[4 * i + 1] = high(t[4 * i], t[4 * i + 2]);
                        r[4 * i + 2] = low(t[4 * i + 1], t[4 * i + 3]);
                        r[4 * i + 3] = high(t[4 * i + 1], t[4 * i + 3]);
                    }
                    // The quarter l of r[4i + j] holds column 4l + j of the rows 4i to 4i + 3.
                    for j in 0..4 {
                        let a = _mm512_shuffle_f32x4::<0x88>(r[j], r[4 + j]);
                        let b = _mm512_shuffle_f32x4::<0xdd>(r[j], r[4 + j]);
                        let c = _mm512_shuffle_f32x4::<0x88>(r[8 + j], r[12 + j]);
                        let d = _mm512_shuffle_f32x4::<0xdd>(r[8 + j], r[12 + j]);
                        t[j] = _mm512_shuffle_f32x4::<0x88>(a, c);
                        t[8 + j] = _mm512_shuffle_f32x4::<0xdd>(a, c);
                        t[4 + j] = _mm512_shuffle_f32x4::<0x88>(b, d);
                        t[12 + j] = _mm512_shuffle_f32x4::<0xdd>(b, d);
                    }
                    t
                }
            }
            #[inline(always)]
            unsafe fn load_bf16(self, p: *const Bf16) -> __m512 {
                // SAFETY: the caller has sixteen readable elements.
                unsafe {
                    let raw = _mm256_loadu_si256(p as *const __m256i);
                    _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(raw)))
                }
            }
            #[inline(always)]
            unsafe fn store_bf16(self, p: *mut Bf16, v: __m512) {
                // SAFETY: the token proves the instructions; the caller has sixteen writable elements.
                unsafe { $store_bf16(p, v) }
            }
        }
    };
}

backend!(Avx512, enter, round_in_integers);
backend!(Avx512Bf16, enter_bf16, round_at_once);
