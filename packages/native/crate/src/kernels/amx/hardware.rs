use super::{Tiles, check};
use crate::simd::Avx512Bf16;
use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::marker::PhantomData;
use std::sync::OnceLock;

/// The tile registers themselves. Exist where `obstacle` finds none.
pub struct AmxTiles {
    /// The registers are the thread's.
    thread: PhantomData<*const ()>,
}

/// Palette 1: eight tiles of sixteen rows of 64 bytes.
#[repr(align(64))]
struct Configuration([u8; 64]);

static CONFIGURATION: Configuration = {
    let mut bytes = [0; 64];
    bytes[0] = 1;
    let mut tile = 0;
    while tile < 8 {
        bytes[16 + 2 * tile] = 64;
        bytes[48 + tile] = 16;
        tile += 1;
    }
    Configuration(bytes)
};

/// Why this machine cannot use AMX, if so; asks the system for it and tries it once a process.
pub fn obstacle() -> Option<String> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND.get_or_init(find_obstacle).clone()
}

fn find_obstacle() -> Option<String> {
    const BF16: u32 = 1 << 22;
    const TILE: u32 = 1 << 24;
    let Some(s) = Avx512Bf16::new() else { return Some("this processor lacks AVX-512 or its bf16".into()) };
    #[allow(unused_unsafe)] // Safe from Rust 1.94 on.
    // SAFETY: every processor with AVX-512 has leaf 7.
    let edx = unsafe { __cpuid_count(7, 0) }.edx;
    if edx & (BF16 | TILE) != BF16 | TILE {
        return Some("this processor lacks AMX".into());
    }
    if let Err(error) = request() {
        return Some(format!("the system does not grant AMX ({error})"));
    }
    let difference = check::difference::<_, AmxTiles>(s);
    // A NaN is a difference too.
    let equal = difference <= check::TOLERANCE;
    (!equal).then(|| {
        format!(
            "AMX differs from the other kernels by {difference:e} of the largest value, more than {:e}",
            check::TOLERANCE
        )
    })
}

/// Linux keeps room for the tiles of a thread only where the process asked for it.
fn request() -> std::io::Result<()> {
    const ARCH_REQ_XCOMP_PERM: libc::c_long = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_long = 18;
    // SAFETY: this call reads and writes no memory of ours; an older kernel answers EINVAL.
    let answer = unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) };
    if answer == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

impl Tiles for AmxTiles {
    #[inline(always)]
    fn start() -> Self {
        // SAFETY: only called where `obstacle` finds none; the configuration is valid.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) CONFIGURATION.0.as_ptr(), options(nostack, readonly, preserves_flags))
        };
        AmxTiles { thread: PhantomData }
    }

    #[inline(always)]
    fn zero<const TILE: usize>(&mut self) {
        // SAFETY: `self` proves that the tiles are configured.
        unsafe { asm!("tilezero tmm{}", const TILE, options(nostack, nomem, preserves_flags)) };
    }

    #[inline(always)]
    unsafe fn load<const TILE: usize>(&mut self, from: *const u8, stride: usize) {
        // SAFETY: as above, and the caller has sixteen rows.
        unsafe {
            asm!("tileloadd tmm{}, [{} + {}]", const TILE, in(reg) from, in(reg) stride,
                options(nostack, readonly, preserves_flags));
        }
    }

    #[inline(always)]
    unsafe fn store<const TILE: usize>(&mut self, to: *mut u8, stride: usize) {
        // SAFETY: as above, and the caller has sixteen rows.
        unsafe {
            asm!("tilestored [{} + {}], tmm{}", in(reg) to, in(reg) stride, const TILE,
                options(nostack, preserves_flags));
        }
    }

    #[inline(always)]
    fn multiply<const SUMS: usize, const A: usize, const B: usize>(&mut self) {
        // SAFETY: as above.
        unsafe {
            asm!("tdpbf16ps tmm{}, tmm{}, tmm{}", const SUMS, const A, const B,
                options(nostack, nomem, preserves_flags));
        }
    }
}

impl Drop for AmxTiles {
    fn drop(&mut self) {
        // SAFETY: the tiles are configured; nothing of them is needed any more.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) };
    }
}
