//! Any net that the description can express, layer by layer: correct first, decently fast.

pub mod gemm;
mod image;
mod layer;
mod layers;
mod loss;
mod optimizer;
mod plan;
mod slot;

use crate::program::{Hyper, Program, Slot as Vector};
use crate::spec::{Spec, size_of};
use gemm::Level;
use layer::{Context, Packed};
use layers::batch_normalization::{BatchNormalization, Moments};
use optimizer::Update;
use plan::{Kind, Plan};
use slot::{Shared, Slot, Task, share, zeros};
use std::ops::Range;

/// A net that runs layer by layer.
pub struct PlainProgram {
    spec: Spec,
    plan: Plan,
    level: Level,
    threads: usize,
    slots: Vec<Slot>,
    /// Parameters, then statistics.
    tensors: Vec<Vec<f32>>,
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
    ranges: Vec<Range<usize>>,
    /// One a node.
    packed: Vec<Packed>,
    moments: Vec<Moments>,
    /// The packed weights are those of the tensors.
    packed_fresh: bool,
}

impl PlainProgram {
    pub fn new(spec: Spec, level: Level, threads: usize) -> Result<PlainProgram, String> {
        let plan = Plan::new(&spec);
        let sizes: Vec<usize> =
            (0..spec.tensor_count()).map(|number| size_of(&spec.tensor(number).shape)).collect();
        let parameters = &sizes[..spec.parameters.len()];
        let mut end = 0;
        let ranges = parameters.iter().map(|size| {
            end += size;
            end - size..end
        });
        let ranges: Vec<_> = ranges.collect();
        let vectors =
            |sizes: &[usize]| sizes.iter().map(|&size| zeros(Some(size))).collect::<Result<Vec<_>, _>>();
        Ok(PlainProgram {
            slots: Slot::allocate(spec.batch_size, &plan, end)?,
            tensors: vectors(&sizes)?,
            first: vectors(parameters)?,
            second: vectors(parameters)?,
            ranges,
            packed: plan.nodes.iter().map(|_| Packed::default()).collect(),
            moments: plan.nodes.iter().map(|_| Moments::default()).collect(),
            packed_fresh: false,
            spec,
            plan,
            level,
            threads,
        })
    }

    fn pack(&mut self) {
        if self.packed_fresh {
            return;
        }
        for (node, packed) in self.plan.nodes.iter().zip(&mut self.packed) {
            if let Kind::Layer(layer) = &node.kind {
                layer.pack(&self.tensors, packed);
            }
        }
        self.packed_fresh = true;
    }

    /// Does a part of several nodes on every slot.
    fn run(&mut self, task: Task, nodes: Range<usize>, images: &[f32], step: u64) {
        let shared = Shared {
            plan: &self.plan,
            context: Context {
                level: self.level,
                tensors: &self.tensors,
                training: true,
                seed: self.spec.seed as u32,
                step: step as u32,
            },
            packed: &self.packed,
            moments: &self.moments,
            ranges: &self.ranges,
        };
        let size = self.plan.places[0];
        share(self.threads, &mut self.slots, |slot| {
            let input = &images[slot.images.start * size..slot.images.end * size];
            let mut one = |node| slot.run(task, node, &shared, input, input.len() / size);
            match task {
                Task::Backward => nodes.clone().rev().for_each(&mut one),
                _ => nodes.clone().for_each(&mut one),
            }
        });
    }

    /// The slots' sums, added in their order.
    fn sums(&self) -> Vec<f64> {
        let mut total = self.slots[0].sums.clone();
        for slot in &self.slots[1..] {
            total.iter_mut().zip(&slot.sums).for_each(|(total, sum)| *total += sum);
        }
        total
    }

    fn forward(&mut self, images: &[f32], step: u64) {
        let mut done = 0;
        for index in 0..self.plan.nodes.len() {
            if !matches!(self.plan.nodes[index].kind, Kind::Normalization(_)) {
                continue;
            }
            self.run(Task::Forward, done..index, images, step);
            let count = images.len() / self.plan.places[0];
            self.run(Task::Sum, index..index + 1, images, step);
            let sum = self.sums();
            normalization(&self.plan, index).set_mean(&mut self.moments[index], &sum, count);
            self.run(Task::SumOfSquares, index..index + 1, images, step);
            let (sum, moments) = (self.sums(), &mut self.moments[index]);
            normalization(&self.plan, index).set_variance(moments, &sum, count, &mut self.tensors);
            done = index;
        }
        self.run(Task::Forward, done..self.plan.nodes.len(), images, step);
    }

    fn loss(&mut self, images: &[f32], targets: &[f32]) -> f64 {
        let Spec { classes, loss, .. } = self.spec;
        let (plan, size, batch) = (&self.plan, self.plan.places[0], targets.len() / classes);
        share(self.threads, &mut self.slots, |slot| {
            let (start, end) = (slot.images.start, slot.images.end);
            let targets = &targets[start * classes..end * classes];
            let mut gradient = std::mem::take(&mut slot.gradients[plan.output_gradient]);
            let outputs = slot.output(plan, &images[start * size..end * size], end - start);
            slot.loss = loss::loss(loss, outputs, targets, &mut gradient[..targets.len()], classes, batch);
            slot.gradients[plan.output_gradient] = gradient;
            slot.gradient.fill(0.0);
        });
        self.slots.iter().map(|slot| slot.loss).sum::<f64>() / batch as f64
    }

    fn backward(&mut self, images: &[f32], step: u64) {
        let mut done = self.plan.nodes.len();
        for index in (0..self.plan.nodes.len()).rev() {
            if !matches!(self.plan.nodes[index].kind, Kind::Normalization(_))
                || self.plan.nodes[index].gradient.is_none()
            {
                continue;
            }
            self.run(Task::Backward, index + 1..done, images, step);
            self.run(Task::GradientSums, index..index + 1, images, step);
            let sums = self.sums();
            let layer = normalization(&self.plan, index);
            let [gamma, beta] =
                layer.set_gradient(&mut self.moments[index], &sums, images.len() / self.plan.places[0]);
            for (tensor, gradient) in [(layer.gamma, gamma), (layer.beta, beta)] {
                if let Some(range) = tensor.and_then(|tensor| self.ranges.get(tensor)) {
                    image::add(&mut self.slots[0].gradient[range.clone()], &gradient);
                }
            }
            done = index + 1;
        }
        self.run(Task::Backward, 0..done, images, step);
    }

    fn update(&mut self, update: Update) {
        let (first, rest) = self.slots.split_at_mut(1);
        for slot in rest {
            image::add(&mut first[0].gradient, &slot.gradient);
        }
        let slots = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, range), (m, v)) in self.tensors.iter_mut().zip(&self.ranges).zip(slots) {
            update.apply(parameter, &first[0].gradient[range.clone()], m, v);
        }
        self.packed_fresh = false;
    }

    fn vectors(&self, slot: Vector) -> &[Vec<f32>] {
        match slot {
            Vector::Value => &self.tensors,
            Vector::First => &self.first,
            Vector::Second => &self.second,
        }
    }
}

impl Program for PlainProgram {
    fn step(&mut self, images: &[f32], targets: &[f32], hyper: &Hyper, step: u64) -> f32 {
        self.pack();
        let (slots, count) = (self.slots.len(), images.len() / self.plan.places[0]);
        self.slots.iter_mut().enumerate().for_each(|(index, slot)| slot.take_share(index, slots, count));
        self.forward(images, step - 1);
        let loss = self.loss(images, targets);
        self.backward(images, step - 1);
        self.update(Update::new(&self.spec.optimizer, hyper, step));
        loss as f32
    }

    fn predict(&mut self, images: &[f32], logits: &mut [f32]) {
        self.pack();
        for (node, moments) in self.plan.nodes.iter().zip(&mut self.moments) {
            if let Kind::Normalization(layer) = &node.kind {
                layer.set_from_running(moments, &self.tensors);
            }
        }
        let context =
            Context { level: self.level, tensors: &self.tensors, training: false, seed: 0, step: 0 };
        let (plan, packed, moments, ranges) =
            (&self.plan, &self.packed[..], &self.moments[..], &self.ranges[..]);
        let shared = Shared { plan, context, packed, moments, ranges };
        let (size, classes) = (plan.places[0], self.spec.classes);
        let round: usize = self.slots.iter().map(|slot| slot.capacity).sum();
        for (images, logits) in images.chunks(round * size).zip(logits.chunks_mut(round * classes)) {
            let (mut images, mut logits) = (images, logits);
            let mut parts: Vec<_> = self
                .slots
                .iter_mut()
                .map(|slot| {
                    let count = slot.capacity.min(images.len() / size);
                    let (own, rest) = images.split_at(count * size);
                    images = rest;
                    let (out, rest) = std::mem::take(&mut logits).split_at_mut(count * classes);
                    logits = rest;
                    (slot, own, out)
                })
                .filter(|(_, own, _)| !own.is_empty())
                .collect();
            share(self.threads, &mut parts, |(slot, images, logits)| {
                let count = logits.len() / classes;
                (0..plan.nodes.len()).for_each(|node| slot.run(Task::Forward, node, &shared, images, count));
                logits.copy_from_slice(slot.output(plan, images, count));
            });
        }
    }

    fn read(&self, slot: Vector, tensor: usize, out: &mut [f32]) {
        out.copy_from_slice(&self.vectors(slot)[tensor]);
    }

    fn write(&mut self, slot: Vector, tensor: usize, values: &[f32]) {
        let vectors = match slot {
            Vector::Value => &mut self.tensors,
            Vector::First => &mut self.first,
            Vector::Second => &mut self.second,
        };
        vectors[tensor].copy_from_slice(values);
        self.packed_fresh = false;
    }

    fn path(&self) -> String {
        self.level.describe()
    }
}

fn normalization(plan: &Plan, index: usize) -> &BatchNormalization {
    match &plan.nodes[index].kind {
        Kind::Normalization(layer) => layer,
        Kind::Layer(_) => unreachable!("asked for batch normalisations only"),
    }
}
