//! The kernels: everything that runs once an element of a map. The only files with unsafe code, beside the backends
//! in `simd`. Each public function checks the lengths of its slices and is safe to call.

// Arrays of vectors stand for registers: loops over them count, so that they are unrolled.
#![allow(clippy::needless_range_loop, clippy::too_many_arguments)]
#![deny(clippy::undocumented_unsafe_blocks)]

/// Declares a safe function that is compiled for the instructions of the backend it is given. The body sees the
/// backend's type, so that everything marked `#[inline(always)]` below it is compiled for the same instructions.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident<$l:lifetime, $s:ident $(, $t:ident: $bound:ident)*>($simd:ident $(, $arg:ident: $ty:ty)* $(,)?) $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name<$l, $s: Simd $(, $t: $bound)*>($simd: $s $(, $arg: $ty)*) {
            struct Arguments<$l $(, $t)*> {
                $($arg: $ty,)*
                types: std::marker::PhantomData<(&$l (), $($t,)*)>,
            }
            impl<$l $(, $t: $bound)*> $crate::simd::Work for Arguments<$l $(, $t)*> {
                #[inline(always)]
                fn run<$s: Simd>(self, $simd: $s) {
                    let Arguments { $($arg,)* types: _ } = self;
                    $body
                }
            }
            let types = std::marker::PhantomData::<(&$l (), $($t,)*)>;
            $simd.run(Arguments { $($arg,)* types })
        }
    };
}

mod adam;
mod amx;
mod buffer;
mod clock;
mod convolution;
mod flush;
mod geometry;
mod head;
mod maths;
mod moments;
mod stage;
mod stem;
mod winograd;

pub use adam::{AdamStep, adam, sgd};
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub use amx::AmxTiles;
pub use amx::obstacle as amx_obstacle;
pub use amx::{AmxConvolution, EmulatedTiles};
pub use buffer::{Buffer, Zeroable};
pub use clock::{Clock, Part};
pub use convolution::{Convolution, Layer};
pub use flush::flushing_denormals;
pub use geometry::Geometry;
pub use head::{HeadGradient, average_pool, dense, dense_gradient, softmax_cross_entropy};
pub use moments::{Moments, moments};
pub use stage::{
    Affine, BackwardEpilogue, BackwardPrologue, ForwardEpilogue, NormGradient, Pool, backward_epilogue,
    backward_prologue, forward_epilogue, normalise,
};
pub use stem::{Stem, StemBackward, stem_backward, stem_forward};
pub use winograd::WinogradConvolution;
