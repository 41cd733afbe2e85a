//! Trains small convolutional nets on the CPU: the Rust half of the npm package `@mnist/native`.

pub mod program;
