//! Trains small convolutional nets on the CPU: the Rust half of the npm package `@mnist/native`.

#[cfg(feature = "node")]
mod node;
pub mod plain;
pub mod planner;
pub mod program;
pub mod spec;
