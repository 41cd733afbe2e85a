//! The fast path: nets that are a stem, a row of (batch norm, 3x3 convolution, ReLU, shortcut, pooling) stages and an
//! averaging head. Between two batch norms, which need the whole batch, everything happens to a few images at a time.

#![forbid(unsafe_code)]

mod batch_norm;
mod net;
mod parameters;
mod plan;
mod program;
mod slots;
mod stage;

pub use plan::{ConvolutionPlan, FusedPlan, HeadPlan, NormPlan, Optimizer, StagePlan, StemPlan};
pub use program::FusedProgram;
