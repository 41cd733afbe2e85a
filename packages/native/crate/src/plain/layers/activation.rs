use crate::plain::layer::*;
use crate::spec::Function;
use std::f32::consts::{FRAC_1_SQRT_2, PI};

/// An elementwise function.
pub struct Activation {
    pub function: Function,
    pub in_place: bool,
}

impl Activation {
    /// Whether the output alone tells the derivative, so that the input need not be kept.
    pub fn output_suffices(function: Function) -> bool {
        match function {
            Function::Gelu => false,
            Function::LeakyRelu { alpha } | Function::Elu { alpha } => alpha >= 0.0,
            Function::ClippedRelu { limit } => limit > 0.0,
            _ => true,
        }
    }

    fn apply(&self, y: &mut [f32]) {
        match self.function {
            Function::Linear => {}
            // Not f32::max, which would turn a NaN into 0 and hide it.
            Function::Relu => map(y, |x| if x < 0.0 { 0.0 } else { x }),
            Function::ClippedRelu { limit } => map(y, |x| {
                if x < 0.0 {
                    0.0
                } else if x > limit {
                    limit
                } else {
                    x
                }
            }),
            Function::LeakyRelu { alpha } => map(y, |x| if x > 0.0 { x } else { alpha * x }),
            Function::Elu { alpha } => map(y, |x| if x > 0.0 { x } else { alpha * x.exp_m1() }),
            Function::Gelu => map(y, |x| x * normal_distribution(x)),
            Function::Sigmoid => map(y, |x| 1.0 / (1.0 + (-x).exp())),
            Function::Tanh => map(y, f32::tanh),
        }
    }

    /// The derivative from input and output; `x` may be the output where `output_suffices`.
    fn derivative(&self, x: f32, y: f32) -> f32 {
        match self.function {
            Function::Linear => 1.0,
            Function::Relu => (y > 0.0) as u8 as f32,
            Function::ClippedRelu { limit } => (x > 0.0 && x < limit) as u8 as f32,
            Function::LeakyRelu { alpha } => {
                if x > 0.0 {
                    1.0
                } else {
                    alpha
                }
            }
            Function::Elu { alpha } => {
                if x > 0.0 {
                    1.0
                } else {
                    y + alpha
                }
            }
            Function::Gelu => {
                let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
                normal_distribution(x) + x * density
            }
            Function::Sigmoid => y * (1.0 - y),
            Function::Tanh => 1.0 - y * y,
        }
    }
}

impl Layer for Activation {
    fn in_place(&self) -> bool {
        self.in_place
    }

    fn forward(&self, _: &Context, _: &Packed, x: &[&[f32]], y: &mut [f32], _: &mut Memo, _: &mut Scratch) {
        if !self.in_place {
            y.copy_from_slice(x[0]);
        }
        self.apply(y);
    }

    fn input_gradient(
        &self,
        _: usize,
        _: &Context,
        _: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    ) {
        let y = pass.y;
        if self.in_place {
            return dx.iter_mut().zip(y).for_each(|(dx, &y)| *dx *= self.derivative(y, y));
        }
        let slopes = pass.x[0].iter().zip(y).map(|(&x, &y)| self.derivative(x, y));
        deliver_each(dx, deliver, slopes.zip(pass.dy).map(|(slope, dy)| slope * dy));
    }
}

/// Softmax over the last axis: dx = y (dy - sum of dy y).
pub struct Softmax {
    pub length: usize,
}

impl Layer for Softmax {
    fn forward(&self, _: &Context, _: &Packed, x: &[&[f32]], y: &mut [f32], _: &mut Memo, _: &mut Scratch) {
        for (x, y) in x[0].chunks_exact(self.length).zip(y.chunks_exact_mut(self.length)) {
            let top = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            y.iter_mut().zip(x).for_each(|(y, x)| *y = (x - top).exp());
            let total: f32 = y.iter().sum();
            y.iter_mut().for_each(|y| *y /= total);
        }
    }

    fn input_gradient(
        &self,
        _: usize,
        _: &Context,
        _: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    ) {
        let rows = pass.y.chunks_exact(self.length).zip(pass.dy.chunks_exact(self.length));
        for (dx, (y, dy)) in dx.chunks_exact_mut(self.length).zip(rows) {
            let inner: f32 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
            deliver_each(dx, deliver, y.iter().zip(dy).map(|(y, dy)| y * (dy - inner)));
        }
    }
}

fn map(values: &mut [f32], function: impl Fn(f32) -> f32) {
    values.iter_mut().for_each(|value| *value = function(*value));
}

/// Phi(x) = erfc(-x / sqrt 2) / 2.
fn normal_distribution(x: f32) -> f32 {
    (0.5 * complementary_error((-x * FRAC_1_SQRT_2) as f64)) as f32
}

/// erfc to a relative error below 1.2e-7, the precision of float32: the Chebyshev fit of Press et al., 'Numerical Recipes',
/// section 6.2.
fn complementary_error(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277,
    ];
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let polynomial = COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient);
    let tail = t * (polynomial - x * x).exp();
    if x >= 0.0 { tail } else { 2.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_has_its_tabulated_values() {
        for (x, expected) in [(0.0, 0.5), (1.0, 0.841_344_7), (-2.0, 0.022_750_13), (3.5, 0.999_767_4)] {
            assert!((normal_distribution(x) - expected).abs() < 2e-7, "{x}");
        }
    }
}
