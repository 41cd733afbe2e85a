use super::parameters::NormPlace;
use super::plan::NormPlan;
use crate::kernels::{Affine, Moments, NormGradient};

/// One batch normalisation: its running statistics and, within a step, the factors of both directions.
pub struct BatchNorm {
    place: NormPlace,
    epsilon: f64,
    momentum: f64,
    pub running_mean: Vec<f32>,
    pub running_variance: Vec<f32>,
    count: f64,
    reciprocal: Vec<f64>,
    mean: Vec<f32>,
    scale: Vec<f32>,
    shift: Vec<f32>,
    k1: Vec<f32>,
    k2: Vec<f32>,
    k3: Vec<f32>,
}

impl BatchNorm {
    pub fn new(place: NormPlace, plan: NormPlan) -> Self {
        let zeros = || vec![0f32; place.channels];
        BatchNorm {
            place,
            epsilon: plan.epsilon,
            momentum: plan.momentum,
            running_mean: zeros(),
            running_variance: vec![1.0; place.channels],
            count: 0.0,
            reciprocal: vec![0.0; place.channels],
            mean: zeros(),
            scale: zeros(),
            shift: zeros(),
            k1: zeros(),
            k2: zeros(),
            k3: zeros(),
        }
    }

    pub fn channels(&self) -> usize {
        self.place.channels
    }

    pub fn forward(&self) -> Affine<'_> {
        Affine { mean: &self.mean, scale: &self.scale, shift: &self.shift }
    }

    pub fn gradient(&self) -> NormGradient<'_> {
        NormGradient { mean: &self.mean, k1: &self.k1, k2: &self.k2, k3: &self.k3 }
    }

    /// Takes the batch's statistics; the running variance moves towards the unbiased one, as in PyTorch.
    pub fn train(&mut self, parameters: &[f32], batch: &Moments) {
        self.count = batch.count;
        let keep = self.momentum;
        for c in 0..self.place.channels {
            let (mean, variance) = (batch.mean[c], batch.squares[c] / batch.count);
            let unbiased = batch.squares[c] / (batch.count - 1.0).max(1.0);
            let moved = |old: f32, new: f64| (keep * old as f64 + (1.0 - keep) * new) as f32;
            self.running_mean[c] = moved(self.running_mean[c], mean);
            self.running_variance[c] = moved(self.running_variance[c], unbiased);
            self.set(parameters, c, mean as f32, variance);
        }
    }

    /// Takes the running statistics.
    pub fn evaluate(&mut self, parameters: &[f32]) {
        for c in 0..self.place.channels {
            self.set(parameters, c, self.running_mean[c], self.running_variance[c] as f64);
        }
    }

    fn set(&mut self, parameters: &[f32], c: usize, mean: f32, variance: f64) {
        let reciprocal = 1.0 / (variance + self.epsilon).sqrt();
        self.reciprocal[c] = reciprocal;
        self.mean[c] = mean;
        self.scale[c] = (parameters[self.place.gamma + c] as f64 * reciprocal) as f32;
        self.shift[c] = parameters[self.place.beta + c];
    }

    /// From the sums of dh and of dh * (x - mean): the gradients of gamma and beta, and the factors of
    /// dx = gamma / deviation * (dh - mean of dh - xhat * mean of dh * xhat).
    pub fn backward(&mut self, parameters: &[f32], gradient: &mut [f32], sum: &[f64], centred_sum: &[f64]) {
        for c in 0..self.place.channels {
            let r = self.reciprocal[c];
            let dgamma = centred_sum[c] * r;
            gradient[self.place.gamma + c] = dgamma as f32;
            gradient[self.place.beta + c] = sum[c] as f32;
            let k1 = parameters[self.place.gamma + c] as f64 * r;
            self.k1[c] = k1 as f32;
            self.k2[c] = (-k1 * r * dgamma / self.count) as f32;
            self.k3[c] = (-k1 * sum[c] / self.count) as f32;
        }
    }
}
