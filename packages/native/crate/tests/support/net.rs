//! Random nets of the family, with the numbers of `test/fused-nets.test.ts`: a seed is the same net there.

use mnist_native::spec::{Function, Layer, Loss, Op, Optimizer, Spec, Tensor, Window};

/// Numbers in 0 .. 1 from a linear congruential generator (Numerical Recipes).
pub struct Random(u32);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random((seed.wrapping_mul(2_654_435_761) & 0xffff_ffff) as u32)
    }
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 as f64 / 2f64.powi(32)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }
    fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }
    fn pick(&mut self, choices: &[usize]) -> usize {
        choices[self.below(choices.len())]
    }
}

pub struct Net {
    pub shape: [usize; 3],
    pub batch: usize,
    pub classes: usize,
    pub layers: Vec<Layer>,
    tensors: Vec<(Tensor, bool)>,
    /// Parameters, then statistics.
    pub weights: Vec<Vec<f32>>,
}

/// A tensor's number before parameters and statistics are sorted.
type Number = usize;

struct Builder {
    layers: Vec<Layer>,
    /// With whether it is a statistic.
    tensors: Vec<(Tensor, bool)>,
    shapes: Vec<Vec<usize>>,
}

impl Builder {
    fn tensor(&mut self, name: &str, shape: &[usize], statistic: bool) -> Option<Number> {
        self.tensors.push((Tensor { name: name.into(), shape: shape.to_vec() }, statistic));
        Some(self.tensors.len() - 1)
    }

    fn layer(
        &mut self,
        op: Op,
        inputs: &[usize],
        output_shape: &[usize],
        tensors: Vec<Option<Number>>,
    ) -> usize {
        let output = self.shapes.len();
        self.layers.push(Layer {
            name: format!("layer {output}"),
            op,
            inputs: inputs.to_vec(),
            output,
            input_shapes: inputs.iter().map(|&input| self.shapes[input].clone()).collect(),
            output_shape: output_shape.to_vec(),
            tensors,
        });
        self.shapes.push(output_shape.to_vec());
        output
    }

    fn convolution(&mut self, x: usize, outputs: usize, size: usize) -> usize {
        let shape = self.shapes[x].clone();
        let kernel = self.tensor("kernel", &[size, size, shape[2], outputs], false);
        let bias = self.tensor("bias", &[outputs], false);
        let window =
            Window { kernel: [size; 2], strides: [1; 2], dilations: [1; 2], before: [(size - 1) / 2; 2] };
        let shape = [shape[0], shape[1], outputs];
        let z = self.layer(Op::Conv2d { window }, &[x], &shape, vec![kernel, bias]);
        self.layer(Op::Activation { function: Function::Relu }, &[z], &shape, vec![])
    }

    fn norm(&mut self, x: usize, momentum: f64, epsilon: f64) -> usize {
        let shape = self.shapes[x].clone();
        let channels = [shape[2]];
        let tensors = vec![
            self.tensor("gamma", &channels, false),
            self.tensor("beta", &channels, false),
            self.tensor("moving_mean", &channels, true),
            self.tensor("moving_variance", &channels, true),
        ];
        self.layer(Op::BatchNormalization { momentum, epsilon }, &[x], &shape, tensors)
    }
}

impl Net {
    pub fn new(seed: u64, batch: usize) -> Net {
        let mut random = Random::new(seed);
        let shape = [random.between(7, 16), random.between(7, 16), random.pick(&[1, 1, 3])];
        let mut b = Builder { layers: vec![], tensors: vec![], shapes: vec![shape.to_vec()] };
        let mut channels = random.pick(&[3, 8, 16, 33]);
        let mut x = b.convolution(0, channels, random.pick(&[1, 3, 5]));
        for _ in 0..random.between(1, 4) {
            let normalised = b.norm(x, 0.9, 1e-5);
            let shortcut = random.next() < 0.5;
            if !shortcut {
                channels = random.pick(&[3, 8, 16, 33, 48]);
            }
            x = b.convolution(normalised, channels, 3);
            let [height, width] = [b.shapes[x][0], b.shapes[x][1]];
            if shortcut {
                let ends = if random.next() < 0.5 { [normalised, x] } else { [x, normalised] };
                x = b.layer(Op::Add, &ends, &[height, width, channels], vec![]);
            }
            if random.next() < 0.5 && height.min(width) > 1 {
                let same = random.below(2) == 0;
                let size = |n: usize| if same { n.div_ceil(2) } else { n / 2 };
                let window = Window { kernel: [2; 2], strides: [2; 2], dilations: [1; 2], before: [0; 2] };
                let shape = [size(height), size(width), channels];
                x = b.layer(Op::MaxPooling2d { window }, &[x], &shape, vec![]);
            }
        }
        x = b.norm(x, 0.99, 1e-3);
        x = b.layer(Op::GlobalAveragePooling2d, &[x], &[channels], vec![]);
        let classes = random.between(2, 12);
        let tensors =
            vec![b.tensor("kernel", &[channels, classes], false), b.tensor("bias", &[classes], false)];
        b.layer(Op::Dense, &[x], &[classes], tensors);

        // Parameters first, then statistics.
        let mut order: Vec<Number> = (0..b.tensors.len()).collect();
        order.sort_by_key(|&number| b.tensors[number].1);
        for tensor in b.layers.iter_mut().flat_map(|layer| layer.tensors.iter_mut().flatten()) {
            *tensor = order.iter().position(|number| number == tensor).expect("a tensor");
        }
        let tensors: Vec<_> = order.iter().map(|&number| b.tensors[number].clone()).collect();
        let mut values = |tensor: &Tensor| -> Vec<f32> {
            let near_one = tensor.name.contains("gamma") || tensor.name.contains("variance");
            let (outputs, inputs) = tensor.shape.split_last().expect("no scalar");
            let fan_in: usize = inputs.iter().product();
            let scale = if near_one { 0.3 } else { (3.0 / fan_in as f64).sqrt() };
            let one = if near_one { 1.0 } else { 0.0 };
            (0..fan_in * outputs).map(|_| ((2.0 * random.next() - 1.0) * scale + one) as f32).collect()
        };
        let weights = tensors.iter().map(|(tensor, _)| values(tensor)).collect();
        Net { shape, batch, classes, layers: b.layers, tensors, weights }
    }

    pub fn pixels(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn parameters(&self) -> usize {
        self.tensors.iter().filter(|(_, statistic)| !statistic).count()
    }

    /// `plainly` adds a layer that does nothing, but is not of the family.
    pub fn spec(&self, plainly: bool) -> Spec {
        let mut layers = self.layers.clone();
        let output = layers.last().expect("layers").output;
        if plainly {
            layers.push(Layer {
                name: "nothing".into(),
                op: Op::Activation { function: Function::Linear },
                inputs: vec![output],
                output: output + 1,
                input_shapes: vec![vec![self.classes]],
                output_shape: vec![self.classes],
                tensors: vec![],
            });
        }
        let part = |statistics: bool| {
            let tensors = self.tensors.iter().filter(move |(_, statistic)| *statistic == statistics);
            tensors.map(|(tensor, _)| tensor.clone()).collect()
        };
        Spec {
            input_shape: self.shape.to_vec(),
            batch_size: self.batch,
            classes: self.classes,
            seed: 0,
            loss: Loss::SoftmaxCrossEntropy,
            optimizer: Optimizer::Sgd { nesterov: false },
            parameters: part(false),
            statistics: part(true),
            output: output + plainly as usize,
            layers,
        }
    }
}
