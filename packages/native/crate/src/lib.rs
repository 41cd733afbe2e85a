//! Trains small convolutional nets on the CPU: the Rust half of the npm package `@mnist/native`.

pub mod fused;
pub mod kernels;
#[cfg(feature = "node")]
mod node;
pub mod plain;
pub mod planner;
pub mod program;
pub mod simd;
pub mod spec;
