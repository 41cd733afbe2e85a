//! What the layers have in common.

use super::gemm::{Level, Panels};

/// What all images of a step share.
pub struct Context<'a> {
    pub level: Level,
    /// Parameters, then statistics.
    pub tensors: &'a [Vec<f32>],
    /// Dropout acts and batch normalisation uses the batch's statistics.
    pub training: bool,
    pub seed: u32,
    /// Steps taken before this one.
    pub step: u32,
}

impl Context<'_> {
    pub fn tensor(&self, number: Option<usize>) -> Option<&[f32]> {
        number.map(|number| &self.tensors[number][..])
    }
}

/// A layer's weights, packed once after each update.
#[derive(Default)]
pub struct Packed {
    pub forward: Panels,
    pub backward: Panels,
}

/// What a layer remembers of the images of one slot from the forward to the backward pass, and room to work.
#[derive(Default)]
pub struct Memo {
    /// First image of the slot in the batch.
    pub first: usize,
    /// The place of each window's maximum.
    pub places: Vec<u16>,
}

/// Room to work that the layers of a slot share.
#[derive(Default)]
pub struct Scratch {
    pub columns: Vec<f32>,
    pub panels: Panels,
}

/// How a gradient arrives in its buffer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deliver {
    Write,
    /// Another reader of the same value has delivered already.
    Add,
}

/// The gradients of a slot's parameters, one flat vector.
pub struct Gradients<'a> {
    pub values: &'a mut [f32],
    /// Start and end of each parameter.
    pub ranges: &'a [std::ops::Range<usize>],
}

impl Gradients<'_> {
    /// `None` for a tensor that is not there or not trained.
    pub fn of(&mut self, tensor: Option<usize>) -> Option<&mut [f32]> {
        let range = self.ranges.get(tensor?)?;
        Some(&mut self.values[range.clone()])
    }
}

/// One layer. All slices hold a slot's images one after the other, channels last.
pub trait Layer: Send + Sync {
    /// The layer overwrites its input: `forward` finds the input in `y`, `input_gradient` the gradient of `y` in `dx`.
    fn in_place(&self) -> bool {
        false
    }

    fn pack(&self, _tensors: &[Vec<f32>], _packed: &mut Packed) {}

    fn forward(
        &self,
        context: &Context,
        packed: &Packed,
        x: &[&[f32]],
        y: &mut [f32],
        memo: &mut Memo,
        scratch: &mut Scratch,
    );

    /// Adds the gradients of the layer's own tensors.
    fn weight_gradients(
        &self,
        _context: &Context,
        _x: &[&[f32]],
        _dy: &[f32],
        _gradients: &mut Gradients,
        _scratch: &mut Scratch,
    ) {
    }

    /// The gradient of input number `index`.
    fn input_gradient(
        &self,
        index: usize,
        context: &Context,
        packed: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    );
}

/// What the backward pass of a layer reads.
pub struct Backward<'a> {
    pub x: &'a [&'a [f32]],
    pub y: &'a [f32],
    pub dy: &'a [f32],
    pub memo: &'a Memo,
    pub scratch: &'a mut Scratch,
}

/// Writes or adds `values` one by one.
pub fn deliver_each(dx: &mut [f32], deliver: Deliver, values: impl Iterator<Item = f32>) {
    match deliver {
        Deliver::Write => dx.iter_mut().zip(values).for_each(|(dx, value)| *dx = value),
        Deliver::Add => dx.iter_mut().zip(values).for_each(|(dx, value)| *dx += value),
    }
}

/// Clears a gradient that a layer is about to add to.
pub fn start(dx: &mut [f32], deliver: Deliver) {
    if deliver == Deliver::Write {
        dx.fill(0.0);
    }
}
