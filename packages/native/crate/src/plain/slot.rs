//! A fixed share of the batch's images, with everything that is computed from them.
//!
//! The number of slots follows from the batch alone, and what slots have in common is added up in their order. So results
//! do not depend on the number of threads.

use super::gemm::Level;
use super::layer::{Backward, Context, Deliver, Gradients, Layer, Memo, Packed, Scratch};
use super::layers::batch_normalization::Moments;
use super::plan::{Kind, Node, Plan};
use std::ops::Range;

/// Most slots of a batch, and so most threads of a step.
pub const SLOTS: usize = 8;

/// What a slot reads while others read it too.
pub struct Shared<'a> {
    pub plan: &'a Plan,
    pub context: Context<'a>,
    /// One a node.
    pub packed: &'a [Packed],
    pub moments: &'a [Moments],
    /// Start and end of each parameter in the flat gradient.
    pub ranges: &'a [Range<usize>],
}

pub struct Slot {
    /// Its images in the batch.
    pub images: Range<usize>,
    /// Most images.
    pub capacity: usize,
    /// By place; the network's input is not copied.
    values: Vec<Vec<f32>>,
    pub gradients: Vec<Vec<f32>>,
    /// Of the parameters.
    pub gradient: Vec<f32>,
    /// The sums that the last batch normalisation asked for.
    pub sums: Vec<f64>,
    pub loss: f64,
    memos: Vec<Memo>,
    scratch: Scratch,
}

/// A part of a step that slots do on their own.
#[derive(Clone, Copy)]
pub enum Task {
    Forward,
    /// A batch normalisation's sums.
    Sum,
    SumOfSquares,
    GradientSums,
    Backward,
}

impl Slot {
    /// The slots for batches of at most `batch` images.
    pub fn allocate(batch: usize, plan: &Plan, parameters: usize) -> Result<Vec<Slot>, String> {
        let slots = SLOTS.min(batch);
        (0..slots).map(|_| Slot::new(batch.div_ceil(slots), plan, parameters)).collect()
    }

    fn new(capacity: usize, plan: &Plan, parameters: usize) -> Result<Slot, String> {
        let buffers = |sizes: &[usize]| {
            sizes.iter().map(|size| zeros(size.checked_mul(capacity))).collect::<Result<_, _>>()
        };
        let mut places = plan.places.clone();
        places[0] = 0;
        Ok(Slot {
            images: 0..0,
            capacity,
            values: buffers(&places)?,
            gradients: buffers(&plan.gradients)?,
            gradient: zeros(Some(parameters))?,
            sums: vec![],
            loss: 0.0,
            memos: plan.nodes.iter().map(|_| Memo::default()).collect(),
            scratch: Scratch::default(),
        })
    }

    /// Takes its share of a batch of `count` images: share `index` of `slots`.
    pub fn take_share(&mut self, index: usize, slots: usize, count: usize) {
        self.images = index * count / slots..(index + 1) * count / slots;
        self.memos.iter_mut().for_each(|memo| memo.first = self.images.start);
    }

    /// The network's output for the first `images` of the slot.
    pub fn output<'a>(&'a self, plan: &Plan, input: &'a [f32], images: usize) -> &'a [f32] {
        value(&self.values, &plan.places, plan.output, input, images)
    }

    /// Does the part `task` of node `node` for `images`, whose pixels are `input`.
    pub fn run(&mut self, task: Task, index: usize, shared: &Shared, input: &[f32], images: usize) {
        let Shared { plan, context, .. } = shared;
        let (node, packed, moments) = (&plan.nodes[index], &shared.packed[index], &shared.moments[index]);
        match (&node.kind, task) {
            (Kind::Normalization(layer), _) => {
                let (mut y, mut dx) = (std::mem::take(&mut self.values[node.output]), vec![]);
                let x = value(&self.values, &plan.places, node.inputs[0], input, images);
                let dy = node
                    .gradient
                    .map_or(&[][..], |buffer| self.gradients[buffer].get(..x.len()).unwrap_or(&[]));
                match task {
                    Task::Forward => layer.normalize(moments, x, &mut y[..x.len()]),
                    Task::Sum => self.sums = layer.sum(x),
                    Task::SumOfSquares => self.sums = layer.sum_of_squares(moments, x),
                    Task::GradientSums => self.sums = layer.gradient_sums(moments, x, dy),
                    Task::Backward => {
                        if let Some((buffer, deliver)) = node.gradients.first().copied().flatten() {
                            let length = x.len();
                            let dy = node.gradient.expect("a node with an input gradient has one");
                            dx = std::mem::take(&mut self.gradients[buffer]);
                            let dy = &self.gradients[dy][..length];
                            layer.input_gradient(moments, x, dy, &mut dx[..length], deliver == Deliver::Add);
                        }
                    }
                }
                if let (Task::Backward, Some((buffer, _))) = (task, node.gradients.first().copied().flatten())
                {
                    self.gradients[buffer] = dx;
                }
                self.values[node.output] = y;
            }
            (Kind::Layer(_), _) if images == 0 => {}
            (Kind::Layer(layer), Task::Forward) => self.forward(&**layer, index, node, shared, input, images),
            (Kind::Layer(layer), Task::Backward) => {
                self.backward(&**layer, index, node, context, packed, shared, input, images);
            }
            (Kind::Layer(_), _) => unreachable!("only batch normalisations sum over the batch"),
        }
    }

    fn forward(
        &mut self,
        layer: &dyn Layer,
        index: usize,
        node: &Node,
        shared: &Shared,
        input: &[f32],
        images: usize,
    ) {
        let places = &shared.plan.places;
        let mut y = std::mem::take(&mut self.values[node.output]);
        let x: Vec<&[f32]> =
            node.inputs.iter().map(|&place| value(&self.values, places, place, input, images)).collect();
        let length = places[node.output] * images;
        let (memo, scratch) = (&mut self.memos[index], &mut self.scratch);
        layer.forward(&shared.context, &shared.packed[index], &x, &mut y[..length], memo, scratch);
        self.values[node.output] = y;
    }

    #[allow(clippy::too_many_arguments)] // pieces of one node
    fn backward(
        &mut self,
        layer: &dyn Layer,
        index: usize,
        node: &Node,
        context: &Context,
        packed: &Packed,
        shared: &Shared,
        input: &[f32],
        images: usize,
    ) {
        let Some(gradient) = node.gradient else { return };
        let places = &shared.plan.places;
        let x: Vec<&[f32]> =
            node.inputs.iter().map(|&place| value(&self.values, places, place, input, images)).collect();
        let y = value(&self.values, places, node.output, input, images);
        let length = places[node.output] * images;
        if !layer.in_place() {
            let mut gradients = Gradients { values: &mut self.gradient, ranges: shared.ranges };
            let dy = &self.gradients[gradient][..length];
            layer.weight_gradients(context, &x, dy, &mut gradients, &mut self.scratch);
        }
        for (number, place) in node.gradients.iter().enumerate() {
            let &Some((buffer, deliver)) = place else { continue };
            let mut dx = std::mem::take(&mut self.gradients[buffer]);
            // A layer that works in place finds the gradient of its output in `dx`.
            let dy = self.gradients[gradient].get(..length).unwrap_or(&[]);
            let mut pass = Backward { x: &x, y, dy, memo: &self.memos[index], scratch: &mut self.scratch };
            let size = x.get(number).map_or(length, |x| x.len());
            layer.input_gradient(number, context, packed, &mut pass, &mut dx[..size], deliver);
            self.gradients[buffer] = dx;
        }
    }
}

fn value<'a>(
    values: &'a [Vec<f32>],
    places: &[usize],
    place: usize,
    input: &'a [f32],
    images: usize,
) -> &'a [f32] {
    if place == 0 { input } else { &values[place][..places[place] * images] }
}

/// A vector of zeros, or an error where there is not enough memory: nothing may abort the process.
pub fn zeros(length: Option<usize>) -> Result<Vec<f32>, String> {
    let mut values = Vec::new();
    let length = length.ok_or("the net is larger than any memory")?;
    values
        .try_reserve_exact(length)
        .map_err(|_| format!("not enough memory for {} MB", (length * 4) >> 20))?;
    values.resize(length, 0.0);
    Ok(values)
}

/// Calls `work` for every item, on `threads` threads.
pub fn share<T: Send>(threads: usize, items: &mut [T], work: impl Fn(&mut T) + Sync) {
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.iter_mut().for_each(work);
    }
    let (work, length) = (&work, items.len().div_ceil(threads));
    std::thread::scope(|scope| {
        let mut parts = items.chunks_mut(length);
        let own = parts.next();
        for part in parts {
            scope.spawn(move || part.iter_mut().for_each(work));
        }
        own.into_iter().flatten().for_each(work);
    });
}

impl Level {
    /// For `path`.
    pub fn describe(self) -> String {
        format!("plain f32 {}", self.name())
    }
}
