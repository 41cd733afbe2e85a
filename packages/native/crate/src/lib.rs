//! Trains small convolutional nets on the CPU: the Rust half of the npm package `@mnist/native`.

// First: its macro for tests is used below.
#[macro_use]
pub mod simd;

mod family;
pub mod fused;
pub mod kernels;
// Its functions are called from JavaScript only, so tests would find them unused.
#[cfg(all(feature = "node", not(test)))]
mod node;
#[cfg(any(test, all(target_arch = "x86_64", target_os = "linux")))]
mod noise;
pub mod plain;
pub mod planner;
pub mod program;
pub mod session;
pub mod spec;
