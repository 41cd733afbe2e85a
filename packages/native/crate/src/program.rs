//! What the rest of the crate and Node know of a compiled training.

/// What may change from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hyper {
    pub learning_rate: f32,
    /// Adam's beta1, or the momentum of SGD.
    pub momentum: f32,
    /// Decoupled: parameters are multiplied by `1 - learning_rate * weight_decay` before the update.
    pub weight_decay: f32,
}

/// The float32 vectors that belong to a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The parameter or running statistic itself.
    Value,
    /// Adam's first moment, or the velocity of SGD. Parameters only.
    First,
    /// Adam's second moment. Parameters only.
    Second,
}

/// A compiled training of one net. Tensors have TensorFlow.js's layout at this boundary (HWIO kernels, `[in, out]`
/// dense) and are numbered: the parameters in the order of `model.trainableWeights`, then the running statistics in the
/// order of `model.nonTrainableWeights`.
pub trait Program: Send {
    /// One forward pass, backward pass and update on 1 to `batch_size` images (the last batch of an epoch may be
    /// incomplete; means and batch statistics are those of the images given). `images` is
    /// `[count, height, width, channels]`, `targets` `[count, classes]` (probabilities; label smoothing is already in
    /// them), `step` counts from 1. Returns the mean loss before the update.
    fn step(&mut self, images: &[f32], targets: &[f32], hyper: &Hyper, step: u64) -> f32;

    /// Evaluation mode (running statistics, no dropout). Any number of images; `logits` is `[images, classes]`.
    fn predict(&mut self, images: &[f32], logits: &mut [f32]);

    /// Copies a tensor out.
    fn read(&self, slot: Slot, tensor: usize, out: &mut [f32]);

    /// Replaces a tensor.
    fn write(&mut self, slot: Slot, tensor: usize, values: &[f32]);

    /// What it runs on, for people and manifests: `plain f32`, `fused bf16 avx512`.
    fn path(&self) -> String;
}
