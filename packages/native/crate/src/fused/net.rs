//! The net: a step in phases, each over the slots of the batch.

use super::batch_norm::BatchNorm;
use super::parameters::{Found, Parameters, Places};
use super::plan::{FusedPlan, Optimizer};
use super::slots::{MOST_SLOTS, run, slot_images};
use super::stage::{BackwardJob, BackwardSums, ForwardJob, Scratch, Stage};
use crate::kernels::{
    AdamStep, Buffer, Clock, Convolution, HeadGradient, Layer, Moments, Part, Stem, StemBackward, Zeroable,
    adam, average_pool, dense, dense_gradient, moments, sgd, softmax_cross_entropy, stem_backward,
    stem_forward,
};
use crate::program::{Hyper, Slot};
use crate::simd::{Element, Simd};

pub struct Net<S: Simd, T: Element + Zeroable, C: Convolution<S, T>> {
    s: S,
    plan: FusedPlan,
    places: Places,
    parameters: Parameters,
    packed: Packed,
    stem: Stem,
    stem_out: Buffer<T>,
    stages: Vec<Stage<T, C::Weights>>,
    /// One before each stage, and the head's.
    norms: Vec<BatchNorm>,
    head: Head<T>,
    workers: Vec<Worker<T, C>>,
    /// Kernel gradients of the slots after the first, which writes into the parameters' gradient.
    slot_gradients: Vec<Buffer<f32>>,
}

/// What the transformed weights are fit for, if they are those of the parameters at all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packed {
    Not,
    Training,
    Evaluation,
}

struct Head<T: Zeroable> {
    pixels: usize,
    features: Buffer<f32>,
    logits: Vec<f32>,
    logit_gradient: Vec<f32>,
    dh: Buffer<T>,
}

struct Worker<T: Zeroable, C> {
    stage: Scratch<T, C>,
    image: Buffer<f32>,
    stem_dz: Buffer<f32>,
}

impl<S: Simd, T: Element + Zeroable, C: Convolution<S, T>> Net<S, T, C> {
    pub fn new(s: S, plan: FusedPlan, threads: usize) -> Self {
        plan.check().unwrap_or_else(|reason| panic!("{reason}"));
        let places = Places::new(&plan, C::CHANNELS);
        let batch = plan.batch;
        let (mut height, mut width, mut channels) = (plan.height, plan.width, plan.stem.convolution.outputs);
        let stem = Stem {
            height,
            width,
            inputs: plan.channels,
            outputs: places.padded(channels),
            kernel: plan.stem.size,
        };
        let mut stages = vec![];
        for (i, (stage, place)) in plan.stages.iter().zip(&places.stages).enumerate() {
            stages.push(Stage::new::<S, C>(stage, *place, i + 1, batch, height, width, channels));
            channels = stage.convolution.outputs;
            (height, width) = (stage.pool.size(height), stage.pool.size(width));
        }
        let plans = plan.stages.iter().map(|stage| stage.norm).chain([plan.head.norm]);
        let norms =
            places.norms.iter().zip(plans).map(|(place, plan)| BatchNorm::new(*place, plan)).collect();
        let head = Head {
            pixels: height * width,
            features: Buffer::new(batch * places.padded(channels)),
            logits: vec![0.0; batch * plan.classes],
            logit_gradient: vec![0.0; batch * plan.classes],
            dh: Buffer::new(batch * height * width * places.padded(channels)),
        };
        let layers: Vec<Layer> = stages.iter().map(|stage| stage.layer).collect();
        let worker = || Worker {
            stage: Scratch::new::<S>(&layers),
            image: Buffer::new(stem.padded()),
            stem_dz: Buffer::new(stem.pixels() * stem.outputs),
        };
        let workers = (0..threads.clamp(1, MOST_SLOTS)).map(|_| worker()).collect();
        let gradient = |slot| {
            stages
                .iter()
                .filter(|stage| slot < stage.slots)
                .map(|stage| 9 * stage.layer.inputs * stage.layer.outputs)
                .max()
        };
        let slot_gradients = (1..MOST_SLOTS)
            .map(|slot| gradient(slot).unwrap_or(0).max(stem.taps() * stem.outputs))
            .map(Buffer::new);
        Net {
            s,
            parameters: Parameters::new(places.length),
            places,
            packed: Packed::Not,
            stem,
            stem_out: Buffer::new(batch * stem.pixels() * stem.outputs),
            norms,
            head,
            workers,
            slot_gradients: slot_gradients.collect(),
            stages,
            plan,
        }
    }

    fn clock(&mut self) -> &mut Clock {
        &mut self.workers[0].stage.clock
    }

    pub fn start_clock(&mut self) {
        self.clock().start();
    }

    pub fn times(&self) -> &Clock {
        &self.workers[0].stage.clock
    }

    /// The row of the table of times for what belongs to no stage.
    fn last_row(&self) -> usize {
        self.stages.len() + 1
    }

    pub fn step(&mut self, images: &[f32], targets: &[f32], hyper: &Hyper, step: u64) -> f32 {
        let (count, classes) = (images.len() / self.image_size(), self.plan.classes);
        assert!(count >= 1 && count <= self.plan.batch && images.len() == count * self.image_size());
        assert_eq!(targets.len(), count * classes);
        self.pack(Packed::Training);
        self.forward(images, true);
        let (logits, gradient) =
            (&self.head.logits[..count * classes], &mut self.head.logit_gradient[..count * classes]);
        let loss = softmax_cross_entropy(classes, logits, targets, gradient);
        self.backward(images);
        self.update(hyper, step);
        loss
    }

    pub fn predict(&mut self, images: &[f32], logits: &mut [f32]) {
        let (image, classes) = (self.image_size(), self.plan.classes);
        assert_eq!(images.len() / image * classes, logits.len());
        self.pack(Packed::Evaluation);
        for norm in &mut self.norms {
            norm.evaluate(&self.parameters.values);
        }
        for (images, logits) in
            images.chunks(self.plan.batch * image).zip(logits.chunks_mut(self.plan.batch * classes))
        {
            self.forward(images, false);
            logits.copy_from_slice(&self.head.logits[..logits.len()]);
        }
    }

    fn image_size(&self) -> usize {
        self.plan.height * self.plan.width * self.plan.channels
    }

    fn pack(&mut self, wanted: Packed) {
        if self.packed == wanted {
            return;
        }
        let row = self.last_row();
        self.clock().enter(row);
        for stage in &mut self.stages {
            let kernel = &self.parameters.values[stage.place.kernel..];
            C::pack(self.s, &mut stage.weights, kernel, wanted == Packed::Evaluation);
        }
        self.packed = wanted;
        self.clock().lap(Part::Pack);
    }

    fn forward(&mut self, images: &[f32], train: bool) {
        let (s, image_size) = (self.s, self.image_size());
        let count = images.len() / image_size;
        let values = &self.parameters.values[..];
        let per_slot = slot_images(count, MOST_SLOTS);
        let new_sums =
            |channels: usize| vec![Moments::new(channels); if train { count.div_ceil(per_slot) } else { 0 }];

        let (stem, size) = (self.stem, self.stem.pixels() * self.stem.outputs);
        let (kernel, bias) = (&values[self.places.stem.kernel..], &values[self.places.stem.bias..]);
        let mut sums = new_sums(stem.outputs);
        let mut slots = sums.iter_mut();
        let jobs = images
            .chunks(per_slot * image_size)
            .zip(self.stem_out[..count * size].chunks_mut(per_slot * size));
        let jobs = jobs.map(|(images, out)| (images, out, slots.next())).collect();
        run(
            &mut self.workers,
            jobs,
            |w, (images, out, mut sums): (&[f32], &mut [T], Option<&mut Moments>)| {
                w.stage.clock.enter(0);
                for (image, out) in images.chunks(image_size).zip(out.chunks_mut(size)) {
                    stem_forward(s, stem, image, &mut w.image, kernel, bias, out);
                    w.stage.clock.lap(Part::Stem);
                    if let Some(sums) = &mut sums {
                        moments(s, stem.outputs, out, sums);
                        w.stage.clock.lap(Part::Moments);
                    }
                }
            },
        );

        for i in 0..self.stages.len() {
            if train {
                self.norms[i].train(values, &merged(&sums));
            }
            let (before, rest) = self.stages.split_at_mut(i);
            let stage = &mut rest[0];
            let (x_size, out_size, mask_size) = stage.sizes();
            let x =
                if i == 0 { &self.stem_out[..count * x_size] } else { &before[i - 1].out[..count * x_size] };
            let (mut out, mut masks) = (
                std::mem::replace(&mut stage.out, Buffer::new(0)),
                std::mem::replace(&mut stage.masks, Buffer::new(0)),
            );
            sums = new_sums(stage.layer.outputs);
            let mut slots = sums.iter_mut();
            let mut mask_slots = masks.chunks_mut(per_slot * mask_size);
            let jobs =
                x.chunks(per_slot * x_size).zip(out.chunks_mut(per_slot * out_size)).map(|(x, out)| {
                    let masks = if train { mask_slots.next().expect("as many as slots") } else { &mut [] };
                    ForwardJob { x, out, masks, moments: slots.next() }
                });
            let (norm, bias, jobs) = (&self.norms[i], &values[stage.place.bias..], jobs.collect());
            run(&mut self.workers, jobs, |w, job| stage.forward(s, &mut w.stage, norm, bias, job));
            (stage.out, stage.masks) = (out, masks);
        }

        let row = self.last_row();
        self.workers[0].stage.clock.enter(row);
        let norm = self.norms.last_mut().expect("the head has a norm");
        if train {
            norm.train(values, &merged(&sums));
        }
        let (head, classes, channels) = (&mut self.head, self.plan.classes, norm.channels());
        let map = &self.stages.last().expect("there is a stage").out[..count * head.pixels * channels];
        let features = &mut head.features[..count * channels];
        average_pool(s, head.pixels, channels, map, features);
        let (weights, bias) =
            (&values[self.places.head.kernel..], &values[self.places.head.bias..][..classes]);
        dense(s, features, norm.forward(), weights, bias, &mut head.logits[..count * classes]);
        self.workers[0].stage.clock.lap(Part::Head);
    }

    fn backward(&mut self, images: &[f32]) {
        let row = self.last_row();
        self.clock().enter(row);
        let (s, count, classes) = (self.s, images.len() / self.image_size(), self.plan.classes);
        let (values, gradient) = (&self.parameters.values[..], &mut self.parameters.gradient[..]);
        let norm = self.norms.last_mut().expect("the head has a norm");
        let (head, place) = (&mut self.head, self.places.head);
        let mut sums = BackwardSums::new(norm.channels(), 0);
        let (before, bias_gradient) = gradient.split_at_mut(place.bias);
        before[place.kernel..].fill(0.0);
        bias_gradient[..self.places.padded(classes)].fill(0.0);
        let e = HeadGradient {
            pixels: head.pixels,
            features: &head.features[..count * norm.channels()],
            norm: norm.forward(),
            weights: &values[place.kernel..],
            logits: &head.logit_gradient[..count * classes],
            weight_gradient: &mut before[place.kernel..],
            bias_gradient: &mut bias_gradient[..classes],
            dh: &mut head.dh[..count * head.pixels * norm.channels()],
            sum: &mut sums.sum,
            centred_sum: &mut sums.centred_sum,
        };
        dense_gradient(s, e);
        norm.backward(values, gradient, &sums.sum, &sums.centred_sum);
        self.workers[0].stage.clock.lap(Part::Head);

        for i in (0..self.stages.len()).rev() {
            let (before, rest) = self.stages.split_at_mut(i);
            let (stage, after) = rest.split_first_mut().expect("stage i");
            let (x_size, out_size, mask_size) = stage.sizes();
            let x = if i == 0 { &self.stem_out[..] } else { &before[i - 1].out[..] };
            let next_dh = after.first().map_or(&self.head.dh[..], |next| &next.dh[..]);
            let per_slot = slot_images(count, stage.slots);
            let mut dh = std::mem::replace(&mut stage.dh, Buffer::new(0));
            let length = 9 * stage.layer.inputs * stage.layer.outputs;
            let kernel_gradient = &mut gradient[stage.place.kernel..][..length];
            let mut sums: Vec<_> = (0..count.div_ceil(per_slot))
                .map(|_| BackwardSums::new(stage.layer.inputs, stage.layer.outputs))
                .collect();
            let gradients =
                [kernel_gradient].into_iter().chain(self.slot_gradients.iter_mut().map(|g| &mut g[..]));
            let chunks =
                dh[..count * x_size].chunks_mut(per_slot * x_size).zip(sums.iter_mut().zip(gradients));
            let jobs = chunks.enumerate().map(|(slot, (dh, (sums, kernel_gradient)))| {
                let (first, last) = (slot * per_slot, (slot * per_slot + per_slot).min(count));
                BackwardJob {
                    x: &x[first * x_size..last * x_size],
                    out: &stage.out[first * out_size..last * out_size],
                    masks: &stage.masks[first * mask_size..last * mask_size],
                    next_dh: &next_dh[first * out_size..last * out_size],
                    dh,
                    sums,
                    kernel_gradient,
                }
            });
            let (jobs, norm, next) = (jobs.collect(), &self.norms[i], &self.norms[i + 1]);
            run(&mut self.workers, jobs, |w, job| stage.backward(s, &mut w.stage, norm, next, job));
            stage.dh = dh;
            let total = reduce(&mut gradient[stage.place.kernel..][..length], &self.slot_gradients, sums);
            store(&mut gradient[stage.place.bias..], &total.bias);
            self.workers[0].stage.clock.lap(Part::Reduce);
            self.norms[i].backward(values, gradient, &total.sum, &total.centred_sum);
        }
        self.stem_backward(images);
    }

    fn stem_backward(&mut self, images: &[f32]) {
        let (s, image_size, stem) = (self.s, self.image_size(), self.stem);
        let count = images.len() / image_size;
        let (norm, size, length) = (&self.norms[0], stem.pixels() * stem.outputs, stem.taps() * stem.outputs);
        let per_slot = slot_images(count, MOST_SLOTS);
        let (out, dh, place) = (&self.stem_out[..], &self.stages[0].dh[..], self.places.stem);
        let gradient = &mut self.parameters.gradient[..];
        let mut sums: Vec<_> =
            (0..count.div_ceil(per_slot)).map(|_| BackwardSums::new(0, stem.outputs)).collect();
        let first = [&mut gradient[place.kernel..][..length]];
        let gradients = first.into_iter().chain(self.slot_gradients.iter_mut().map(|g| &mut g[..length]));
        let jobs = images.chunks(per_slot * image_size).zip(sums.iter_mut().zip(gradients)).enumerate();
        let jobs = jobs
            .map(|(slot, (images, (sums, gradient)))| (slot * per_slot, images, sums, gradient))
            .collect();
        run(
            &mut self.workers,
            jobs,
            |w, (first, images, sums, gradient): (usize, &[f32], &mut BackwardSums, &mut [f32])| {
                w.stage.clock.enter(0);
                gradient.fill(0.0);
                for (i, image) in images.chunks(image_size).enumerate() {
                    let range = (first + i) * size..(first + i + 1) * size;
                    let e = StemBackward {
                        stem,
                        image,
                        padded: &mut w.image,
                        next: norm.gradient(),
                        dh: &dh[range.clone()],
                        out: &out[range],
                        dz: &mut w.stem_dz,
                        kernel_gradient: gradient,
                        bias_gradient: &mut sums.bias,
                    };
                    stem_backward(s, e);
                }
                w.stage.clock.lap(Part::StemBackward);
            },
        );
        let total = reduce(&mut gradient[place.kernel..][..length], &self.slot_gradients, sums);
        store(&mut gradient[place.bias..], &total.bias);
    }

    fn update(&mut self, hyper: &Hyper, step: u64) {
        let row = self.last_row();
        self.clock().enter(row);
        let (s, p) = (self.s, &mut self.parameters);
        let Hyper { learning_rate, momentum, weight_decay } = *hyper;
        match self.plan.optimizer {
            Optimizer::Adam { beta2, epsilon } => {
                let factors = AdamStep::new(learning_rate, weight_decay, momentum, beta2, epsilon, step);
                adam(s, factors, &p.gradient, &mut p.values, &mut p.first, &mut p.second);
            }
            Optimizer::Sgd { nesterov } => {
                sgd(
                    s,
                    learning_rate,
                    weight_decay,
                    momentum,
                    nesterov,
                    &p.gradient,
                    &mut p.values,
                    &mut p.first,
                );
            }
        }
        self.packed = Packed::Not;
        self.clock().lap(Part::Update);
    }

    pub fn read(&self, slot: Slot, tensor: usize, out: &mut [f32]) {
        match (self.places.find(tensor), slot) {
            (Found::Mean(norm), _) => out.copy_from_slice(&self.norms[norm].running_mean[..out.len()]),
            (Found::Variance(norm), _) => {
                out.copy_from_slice(&self.norms[norm].running_variance[..out.len()])
            }
            (Found::Parameters, Slot::Value) => self.places.read(tensor, &self.parameters.values, out),
            (Found::Parameters, Slot::First) => self.places.read(tensor, &self.parameters.first, out),
            (Found::Parameters, Slot::Second) => self.places.read(tensor, &self.parameters.second, out),
        }
    }

    /// The gradient that the last step found.
    pub fn read_gradient(&self, tensor: usize, out: &mut [f32]) {
        self.places.read(tensor, &self.parameters.gradient, out);
    }

    pub fn write(&mut self, slot: Slot, tensor: usize, values: &[f32]) {
        match (self.places.find(tensor), slot) {
            (Found::Mean(norm), _) => self.norms[norm].running_mean[..values.len()].copy_from_slice(values),
            (Found::Variance(norm), _) => {
                self.norms[norm].running_variance[..values.len()].copy_from_slice(values)
            }
            (Found::Parameters, Slot::Value) => {
                self.places.write(tensor, &mut self.parameters.values, values);
                self.packed = Packed::Not;
            }
            (Found::Parameters, Slot::First) => self.places.write(tensor, &mut self.parameters.first, values),
            (Found::Parameters, Slot::Second) => {
                self.places.write(tensor, &mut self.parameters.second, values)
            }
        }
    }
}

fn merged(slots: &[Moments]) -> Moments {
    let mut total = slots[0].clone();
    slots[1..].iter().for_each(|slot| total.merge(slot));
    total
}

/// Adds the later slots to the first, in order.
fn reduce(
    kernel_gradient: &mut [f32],
    slot_gradients: &[Buffer<f32>],
    sums: Vec<BackwardSums>,
) -> BackwardSums {
    for slot in &slot_gradients[..sums.len() - 1] {
        kernel_gradient.iter_mut().zip(&slot[..]).for_each(|(a, b)| *a += b);
    }
    let mut sums = sums.into_iter();
    let mut total = sums.next().expect("there is a slot");
    sums.for_each(|slot| total.add(&slot));
    total
}

fn store(to: &mut [f32], values: &[f64]) {
    to.iter_mut().zip(values).for_each(|(to, value)| *to = *value as f32);
}
