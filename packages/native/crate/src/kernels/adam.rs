use super::maths::power;
use crate::simd::{LANES, Simd};

/// The factors of one Adam update (Kingma & Ba 2015, in PyTorch's arithmetic) with decoupled weight decay.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    beta1: f32,
    rest1: f32,
    beta2: f32,
    rest2: f32,
    rate: f32,
    root: f32,
    epsilon: f32,
    keep: f32,
}

impl AdamStep {
    /// @param step number of this update, from 1
    pub fn new(
        learning_rate: f32,
        weight_decay: f32,
        beta1: f32,
        beta2: f64,
        epsilon: f64,
        step: u64,
    ) -> Self {
        let (rate, decay) = (learning_rate as f64, weight_decay as f64);
        AdamStep {
            beta1,
            rest1: 1.0 - beta1,
            beta2: beta2 as f32,
            rest2: (1.0 - beta2) as f32,
            rate: (rate / (1.0 - power(beta1 as f64, step))) as f32,
            root: (1.0 / (1.0 - power(beta2, step)).sqrt()) as f32,
            epsilon: epsilon as f32,
            keep: (1.0 - rate * decay) as f32,
        }
    }
}

kernel! {
    /// Updates parameters and both moments from the gradient; all of one length, a multiple of 16.
    pub fn adam<'a, S>(s, step: AdamStep, gradient: &'a [f32], parameters: &'a mut [f32], first: &'a mut [f32], second: &'a mut [f32]) {
        let n = parameters.len();
        assert!(n.is_multiple_of(LANES) && gradient.len() == n && first.len() == n && second.len() == n);
        let (beta1, beta2) = (s.splat(step.beta1), s.splat(step.beta2));
        let (rest1, rest2) = (s.splat(step.rest1), s.splat(step.rest2));
        let (rate, root, epsilon, keep) = (s.splat(step.rate), s.splat(step.root), s.splat(step.epsilon), s.splat(step.keep));
        for i in (0..n).step_by(LANES) {
            // SAFETY: i + 16 <= n, the length of all four.
            unsafe {
                let g = s.load(gradient.as_ptr().add(i));
                let m = s.fma(s.load(first.as_ptr().add(i)), beta1, s.mul(g, rest1));
                let v = s.fma(s.load(second.as_ptr().add(i)), beta2, s.mul(s.mul(g, g), rest2));
                let change = s.div(s.mul(m, rate), s.fma(s.sqrt(v), root, epsilon));
                let p = s.sub(s.mul(s.load(parameters.as_ptr().add(i)), keep), change);
                s.store(first.as_mut_ptr().add(i), m);
                s.store(second.as_mut_ptr().add(i), v);
                s.store(parameters.as_mut_ptr().add(i), p);
            }
        }
    }
}

kernel! {
    /// torch.optim.SGD with decoupled weight decay: velocity = momentum * velocity + gradient.
    pub fn sgd<'a, S>(
        s,
        learning_rate: f32,
        weight_decay: f32,
        momentum: f32,
        nesterov: bool,
        gradient: &'a [f32],
        parameters: &'a mut [f32],
        velocity: &'a mut [f32],
    ) {
        let n = parameters.len();
        assert!(n.is_multiple_of(LANES) && gradient.len() == n && velocity.len() == n);
        let keep = s.splat((1.0 - learning_rate as f64 * weight_decay as f64) as f32);
        let (rate, momentum) = (s.splat(learning_rate), s.splat(momentum));
        for i in (0..n).step_by(LANES) {
            // SAFETY: i + 16 <= n, the length of all three.
            unsafe {
                let g = s.load(gradient.as_ptr().add(i));
                let v = s.fma(s.load(velocity.as_ptr().add(i)), momentum, g);
                let direction = if nesterov { s.fma(v, momentum, g) } else { v };
                let p = s.sub(s.mul(s.load(parameters.as_ptr().add(i)), keep), s.mul(direction, rate));
                s.store(velocity.as_mut_ptr().add(i), v);
                s.store(parameters.as_mut_ptr().add(i), p);
            }
        }
    }
}
