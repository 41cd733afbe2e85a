//! Training steps in float64, by the definitions.

// Loops count, as the formulas do.
#![allow(clippy::needless_range_loop)]

use super::net::Net;
use mnist_native::spec::{Layer, Op};

/// Which ReLU is active or which input of a pooling window is the largest, where that is nearly even.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    step: usize,
    /// The value that the layer writes, and the element in it.
    output: usize,
    element: usize,
    /// How far it is from the other way, relative to the root mean square of the layer's input.
    pub margin: f64,
}

/// Margins that are remembered.
const CLOSE: f64 = 1e-5;

pub struct Reference<'a> {
    net: &'a Net,
    /// Parameters, then statistics.
    pub tensors: Vec<Vec<f64>>,
    velocity: Vec<Vec<f64>>,
    steps: usize,
    /// Decisions that are taken the other way.
    turned: Vec<Decision>,
    /// The close decisions of all steps.
    pub decisions: Vec<Decision>,
}

/// Mean and 1 / deviation of each channel of a batch.
type Statistics = Vec<(f64, f64)>;

impl<'a> Reference<'a> {
    pub fn new(net: &'a Net, turned: &[Decision]) -> Self {
        let exact = |values: &Vec<f32>| values.iter().map(|x| *x as f64).collect();
        let tensors: Vec<Vec<f64>> = net.weights.iter().map(exact).collect();
        let velocity = tensors.iter().map(|values| vec![0.0; values.len()]).collect();
        Reference { net, tensors, velocity, steps: 0, turned: turned.to_vec(), decisions: vec![] }
    }

    /// One step of SGD with momentum.
    pub fn step(&mut self, images: &[f32], targets: &[f32], rate: f64, momentum: f64) {
        let count = images.len() / self.net.pixels();
        let mut values: Vec<Vec<f64>> = vec![images.iter().map(|x| *x as f64).collect()];
        let mut statistics: Vec<Statistics> = vec![];
        let layers = &self.net.layers;
        for layer in layers {
            let (value, statistic) = self.forward(layer, &values, count);
            values.push(value);
            statistics.push(statistic);
        }
        let mut gradients: Vec<Vec<f64>> = values.iter().map(|value| vec![0.0; value.len()]).collect();
        let classes = self.net.classes;
        let logits = values.last().expect("logits");
        let last = gradients.last_mut().expect("logits");
        for image in 0..count {
            let row = &logits[image * classes..][..classes];
            let largest = row.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = row.iter().map(|l| (l - largest).exp()).sum();
            for k in 0..classes {
                let target = targets[image * classes + k] as f64;
                last[image * classes + k] = ((row[k] - largest).exp() / sum - target) / count as f64;
            }
        }
        let mut tensors: Vec<Vec<f64>> = self.tensors.iter().map(|values| vec![0.0; values.len()]).collect();
        for (layer, statistics) in layers.iter().zip(&statistics).rev() {
            self.backward(layer, &values, statistics, count, &mut gradients, &mut tensors);
        }
        for i in 0..self.net.parameters() {
            for (k, gradient) in tensors[i].iter().enumerate() {
                self.velocity[i][k] = momentum * self.velocity[i][k] + gradient;
                self.tensors[i][k] -= rate * self.velocity[i][k];
            }
        }
        self.steps += 1;
    }

    fn turned(&self, output: usize, element: usize) -> bool {
        let same = |d: &Decision| d.step == self.steps && d.output == output && d.element == element;
        self.turned.iter().any(same)
    }

    fn remember(&mut self, output: usize, element: usize, margin: f64) {
        if margin < CLOSE {
            self.decisions.push(Decision { step: self.steps, output, element, margin });
        }
    }

    fn tensor(&self, layer: &Layer, i: usize) -> &[f64] {
        &self.tensors[layer.tensors[i].expect("a tensor")]
    }

    fn forward(&mut self, layer: &Layer, values: &[Vec<f64>], count: usize) -> (Vec<f64>, Statistics) {
        let x = &values[layer.inputs[0]];
        let mut y = vec![0.0; count * layer.output_shape.iter().product::<usize>()];
        let mut statistics = vec![];
        match &layer.op {
            Op::Conv2d { .. } => {
                let (kernel, bias) = (self.tensor(layer, 0), self.tensor(layer, 1));
                for (i, y) in y.iter_mut().enumerate() {
                    *y = bias[i % bias.len()];
                }
                each_tap(layer, count, |from, weights, to, [inputs, outputs]| {
                    for i in 0..inputs {
                        for o in 0..outputs {
                            y[to + o] += x[from + i] * kernel[weights + i * outputs + o];
                        }
                    }
                });
            }
            Op::Activation { .. } => {
                let size = root_mean_square(x);
                for (i, x) in x.iter().enumerate() {
                    y[i] = x.max(0.0);
                    self.remember(layer.output, i, x.abs() / size);
                }
            }
            Op::Add => {
                y.iter_mut().zip(x.iter().zip(&values[layer.inputs[1]])).for_each(|(y, (a, b))| *y = a + b);
            }
            Op::BatchNormalization { momentum, epsilon } => {
                let channels = layer.output_shape[2];
                let n = (x.len() / channels) as f64;
                for c in 0..channels {
                    let column = || x.iter().skip(c).step_by(channels);
                    let mean = column().sum::<f64>() / n;
                    let squares = column().map(|x| (x - mean) * (x - mean)).sum::<f64>();
                    statistics.push((mean, 1.0 / (squares / n + epsilon).sqrt()));
                    let new = [mean, squares / (n - 1.0).max(1.0)];
                    for (i, new) in new.into_iter().enumerate() {
                        let old = &mut self.tensors[layer.tensors[2 + i].expect("a statistic")][c];
                        *old = momentum * *old + (1.0 - momentum) * new;
                    }
                }
                let (gamma, beta) = (self.tensor(layer, 0), self.tensor(layer, 1));
                for (i, y) in y.iter_mut().enumerate() {
                    let (mean, reciprocal) = statistics[i % channels];
                    *y = (x[i] - mean) * reciprocal * gamma[i % channels] + beta[i % channels];
                }
            }
            Op::MaxPooling2d { .. } => {
                let size = root_mean_square(x);
                each_window(layer, count, |to, from| {
                    let [best, second] = two_largest(x, from);
                    y[to] = x[best];
                    // Two zeros behind a ReLU are even in any arithmetic.
                    if x[best] != x[second] {
                        self.remember(layer.output, to, (x[best] - x[second]) / size);
                    }
                });
            }
            Op::GlobalAveragePooling2d => {
                let (pixels, channels) = (x.len() / y.len(), layer.output_shape[0]);
                for (i, x) in x.iter().enumerate() {
                    y[i / channels / pixels * channels + i % channels] += x / pixels as f64;
                }
            }
            Op::Dense => {
                let (kernel, bias) = (self.tensor(layer, 0), self.tensor(layer, 1));
                let (outputs, inputs) = (bias.len(), kernel.len() / bias.len());
                for (to, y) in y.iter_mut().enumerate() {
                    let (image, o) = (to / outputs, to % outputs);
                    *y = bias[o]
                        + (0..inputs).map(|i| x[image * inputs + i] * kernel[i * outputs + o]).sum::<f64>();
                }
            }
            other => panic!("{other:?} is not of the family"),
        }
        (y, statistics)
    }

    fn backward(
        &self,
        layer: &Layer,
        values: &[Vec<f64>],
        statistics: &Statistics,
        count: usize,
        gradients: &mut [Vec<f64>],
        tensors: &mut [Vec<f64>],
    ) {
        let x = &values[layer.inputs[0]];
        let dy = std::mem::take(&mut gradients[layer.output]);
        let dx = &mut gradients[layer.inputs[0]];
        let number = |i: usize| layer.tensors[i].expect("a tensor");
        match &layer.op {
            Op::Conv2d { .. } => {
                let kernel = self.tensor(layer, 0);
                let outputs = layer.output_shape[2];
                dy.iter().enumerate().for_each(|(i, d)| tensors[number(1)][i % outputs] += d);
                let dw = &mut tensors[number(0)];
                each_tap(layer, count, |from, weights, to, [inputs, outputs]| {
                    for i in 0..inputs {
                        for o in 0..outputs {
                            dx[from + i] += dy[to + o] * kernel[weights + i * outputs + o];
                            dw[weights + i * outputs + o] += dy[to + o] * x[from + i];
                        }
                    }
                });
            }
            Op::Activation { .. } => {
                for i in 0..dy.len() {
                    dx[i] += if (x[i] > 0.0) != self.turned(layer.output, i) { dy[i] } else { 0.0 };
                }
            }
            Op::Add => {
                for &input in &layer.inputs {
                    gradients[input].iter_mut().zip(&dy).for_each(|(dx, dy)| *dx += dy);
                }
            }
            Op::BatchNormalization { .. } => {
                let channels = layer.output_shape[2];
                let n = (x.len() / channels) as f64;
                let gamma = self.tensor(layer, 0);
                for c in 0..channels {
                    let (mean, reciprocal) = statistics[c];
                    let column = || (c..x.len()).step_by(channels);
                    let beta: f64 = column().map(|i| dy[i]).sum();
                    let scale: f64 = column().map(|i| dy[i] * (x[i] - mean) * reciprocal).sum();
                    tensors[number(0)][c] += scale;
                    tensors[number(1)][c] += beta;
                    for i in column() {
                        let normal = (x[i] - mean) * reciprocal;
                        dx[i] += gamma[c] * reciprocal * (dy[i] - beta / n - normal * scale / n);
                    }
                }
            }
            Op::MaxPooling2d { .. } => each_window(layer, count, |to, from| {
                dx[two_largest(x, from)[self.turned(layer.output, to) as usize]] += dy[to];
            }),
            Op::GlobalAveragePooling2d => {
                let (pixels, channels) = (x.len() / dy.len(), layer.output_shape[0]);
                for (i, dx) in dx.iter_mut().enumerate() {
                    *dx += dy[i / channels / pixels * channels + i % channels] / pixels as f64;
                }
            }
            Op::Dense => {
                let kernel = self.tensor(layer, 0);
                let outputs = layer.output_shape[0];
                let inputs = kernel.len() / outputs;
                for (from, d) in dy.iter().enumerate() {
                    let (image, o) = (from / outputs, from % outputs);
                    tensors[number(1)][o] += d;
                    for i in 0..inputs {
                        tensors[number(0)][i * outputs + o] += d * x[image * inputs + i];
                        dx[image * inputs + i] += d * kernel[i * outputs + o];
                    }
                }
            }
            other => panic!("{other:?} is not of the family"),
        }
    }
}

fn root_mean_square(x: &[f64]) -> f64 {
    (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt()
}

/// The largest element of a window, the first of equals, and the next; the same twice where there is one.
fn two_largest(x: &[f64], window: &[usize]) -> [usize; 2] {
    let mut order = window.to_vec();
    order.sort_by(|&a, &b| x[b].total_cmp(&x[a]));
    [order[0], *order.get(1).unwrap_or(&order[0])]
}

/// Calls `visit(input, weights, output, [inputs, outputs])` with the first elements of every tap inside the image.
fn each_tap(layer: &Layer, count: usize, mut visit: impl FnMut(usize, usize, usize, [usize; 2])) {
    let Op::Conv2d { window } = &layer.op else { panic!("no convolution") };
    let (size, before) = (window.kernel[0], window.before[0]);
    let [height, width, inputs] = layer.input_shapes[0][..] else { panic!("no image") };
    let outputs = layer.output_shape[2];
    for at in 0..count * height * width {
        let (image, y, x) = (at / (height * width), at / width % height, at % width);
        for tap in 0..size * size {
            let (v, u) = (y + tap / size, x + tap % size);
            if v >= before && u >= before && v - before < height && u - before < width {
                let from = (image * height + v - before) * width + u - before;
                visit(from * inputs, tap * inputs * outputs, at * outputs, [inputs, outputs]);
            }
        }
    }
}

/// Calls `visit(output, inputs)` for every window of two by two.
fn each_window(layer: &Layer, count: usize, mut visit: impl FnMut(usize, &[usize])) {
    let [height, width, channels] = layer.input_shapes[0][..] else { panic!("no image") };
    let [rows, columns] = [layer.output_shape[0], layer.output_shape[1]];
    for to in 0..count * rows * columns * channels {
        let (pixel, c) = (to / channels, to % channels);
        let (image, y, x) = (pixel / (rows * columns), pixel / columns % rows * 2, pixel % columns * 2);
        let inside = (0..4).map(|j| (y + j / 2, x + j % 2)).filter(|&(y, x)| y < height && x < width);
        let from: Vec<usize> =
            inside.map(|(y, x)| ((image * height + y) * width + x) * channels + c).collect();
        visit(to, &from);
    }
}
