use crate::program::Hyper;
use crate::spec::Optimizer;

/// The scalars of one update.
#[derive(Clone, Copy)]
pub enum Update {
    Adam { kept: f32, beta1: f32, beta1_rest: f32, beta2: f32, beta2_rest: f32, step_size: f32, epsilon: f32 },
    Sgd { kept: f32, momentum: f32, learning_rate: f32, nesterov: bool },
}

impl Update {
    /// `step` counts from 1. Weight decay is decoupled (Loshchilov and Hutter, 2019).
    pub fn new(optimizer: &Optimizer, hyper: &Hyper, step: u64) -> Update {
        let (rate, momentum) = (hyper.learning_rate as f64, hyper.momentum as f64);
        let kept = (1.0 - rate * hyper.weight_decay as f64) as f32;
        match *optimizer {
            Optimizer::Adam { beta2, epsilon } => {
                let deviation = (1.0 - beta2.powf(step as f64)).sqrt();
                Update::Adam {
                    kept,
                    beta1: hyper.momentum,
                    beta1_rest: (1.0 - momentum) as f32,
                    beta2: beta2 as f32,
                    beta2_rest: (1.0 - beta2) as f32,
                    step_size: (rate * deviation / (1.0 - momentum.powf(step as f64))) as f32,
                    epsilon: (epsilon * deviation) as f32,
                }
            }
            Optimizer::Sgd { nesterov } => {
                Update::Sgd { kept, momentum: hyper.momentum, learning_rate: hyper.learning_rate, nesterov }
            }
        }
    }

    /// Updates one parameter tensor and its slots.
    ///
    /// Adam (Kingma and Ba, 2015) as PyTorch computes it,
    /// `p <- p kept - rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)`, with numerator and denominator
    /// multiplied by `sqrt(1 - beta2^t)`. SGD as PyTorch computes it: `u <- momentum u + g; p <- p kept - rate u`,
    /// Nesterov: `- rate (g + momentum u)`.
    pub fn apply(self, parameters: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        match self {
            Update::Adam { kept, beta1, beta1_rest, beta2, beta2_rest, step_size, epsilon } => {
                let moments = first.iter_mut().zip(second);
                for ((p, &g), (m, v)) in parameters.iter_mut().zip(gradient).zip(moments) {
                    *m = *m * beta1 + g * beta1_rest;
                    *v = *v * beta2 + g * g * beta2_rest;
                    *p = *p * kept - *m / (v.sqrt() + epsilon) * step_size;
                }
            }
            Update::Sgd { kept, momentum, learning_rate, nesterov } => {
                for ((p, &g), u) in parameters.iter_mut().zip(gradient).zip(first) {
                    *u = *u * momentum + g;
                    let direction = if nesterov { g + *u * momentum } else { *u };
                    *p = *p * kept - direction * learning_rate;
                }
            }
        }
    }
}
