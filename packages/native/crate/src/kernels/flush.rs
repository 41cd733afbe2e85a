//! Denormals make the processor many times slower and carry no information here.

#[cfg(target_arch = "x86_64")]
mod control {
    use std::arch::asm;

    /// Flush to zero and denormals are zero.
    const FLUSH: u32 = 0x8040;

    pub fn set() -> u32 {
        let mut before = 0u32;
        // SAFETY: stores and loads the control register through valid pointers; every x86-64 has SSE.
        unsafe {
            asm!("stmxcsr [{}]", in(reg) &mut before, options(nostack));
            let now = before | FLUSH;
            asm!("ldmxcsr [{}]", in(reg) &now, options(nostack, readonly));
        }
        before
    }

    pub fn restore(before: u32) {
        // SAFETY: as above; the value came from the register.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &before, options(nostack, readonly)) }
    }
}

#[cfg(target_arch = "aarch64")]
mod control {
    use std::arch::asm;

    const FLUSH: u64 = 1 << 24;

    pub fn set() -> u64 {
        let before: u64;
        // SAFETY: reads and writes the floating-point control register, which is not privileged.
        unsafe {
            asm!("mrs {}, fpcr", out(reg) before, options(nostack));
            asm!("msr fpcr, {}", in(reg) before | FLUSH, options(nostack));
        }
        before
    }

    pub fn restore(before: u64) {
        // SAFETY: as above; the value came from the register.
        unsafe { asm!("msr fpcr, {}", in(reg) before, options(nostack)) }
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod control {
    pub fn set() {}
    pub fn restore(_: ()) {}
}

#[cfg(target_arch = "x86_64")]
type Register = u32;
#[cfg(target_arch = "aarch64")]
type Register = u64;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Register = ();

struct Restore(Register);
impl Drop for Restore {
    fn drop(&mut self) {
        control::restore(self.0);
    }
}

/// Runs `work` with denormals flushed to zero on this thread, and gives the thread back as it was, also after a panic.
pub fn flushing_denormals<R>(work: impl FnOnce() -> R) -> R {
    let _restore = Restore(control::set());
    work()
}
