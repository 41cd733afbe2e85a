//! A network and its training as plain data: what TypeScript sends as JSON.
//!
//! Values are numbered; value 0 is the network's input. Shapes leave the batch axis out. Tensors are numbered as in
//! [`crate::program::Program`]: the parameters first, then the statistics.

use serde::Deserialize;

/// A net, its loss and its optimiser.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    pub input_shape: Vec<usize>,
    /// Most images in a step.
    pub batch_size: usize,
    pub classes: usize,
    /// Seeds dropout masks; only its lowest 32 bits count.
    pub seed: i64,
    pub loss: Loss,
    pub optimizer: Optimizer,
    pub parameters: Vec<Tensor>,
    pub statistics: Vec<Tensor>,
    /// In the order of computation.
    pub layers: Vec<Layer>,
    /// The value that holds the network's result, `[classes]`.
    pub output: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tensor {
    pub name: String,
    /// HWIO kernels, `[in, out]` dense.
    pub shape: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum Loss {
    /// Mean over the batch.
    SoftmaxCrossEntropy,
    /// Mean over batch and classes.
    MeanSquaredError,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum Optimizer {
    Adam { beta2: f64, epsilon: f64 },
    Sgd { nesterov: bool },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layer {
    /// Name of the layer in the model, for messages.
    pub name: String,
    pub op: Op,
    pub inputs: Vec<usize>,
    pub output: usize,
    pub input_shapes: Vec<Vec<usize>>,
    pub output_shape: Vec<usize>,
    /// Numbers of its tensors: kernel, bias; gamma, beta, moving mean, moving variance. `None` where it has none.
    pub tensors: Vec<Option<usize>>,
}

/// Window of a convolution or pooling; pairs are `[height, width]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Window {
    pub kernel: [usize; 2],
    pub strides: [usize; 2],
    pub dilations: [usize; 2],
    /// Padding above and to the left; what is needed below and to the right follows from the shapes.
    pub before: [usize; 2],
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Op {
    Conv2d {
        window: Window,
    },
    DepthwiseConv2d {
        window: Window,
    },
    Dense,
    BatchNormalization {
        momentum: f64,
        epsilon: f64,
    },
    Activation {
        function: Function,
    },
    Softmax,
    MaxPooling2d {
        window: Window,
    },
    /// Padding does not count.
    AveragePooling2d {
        window: Window,
    },
    GlobalAveragePooling2d,
    GlobalMaxPooling2d,
    Add,
    Multiply,
    /// `axis` counts without the batch axis.
    Concatenate {
        axis: usize,
    },
    Reshape,
    /// Rows above and columns to the left.
    ZeroPadding2d {
        before: [usize; 2],
    },
    /// `number` distinguishes the dropout layers of a net.
    Dropout {
        rate: f64,
        number: u32,
    },
}

/// Elementwise functions.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(tag = "name", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Function {
    Linear,
    Relu,
    /// min(max(x, 0), limit)
    ClippedRelu {
        limit: f32,
    },
    /// x where x > 0, else alpha x
    LeakyRelu {
        alpha: f32,
    },
    /// x where x > 0, else alpha (e^x - 1)
    Elu {
        alpha: f32,
    },
    /// x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel, 2016)
    Gelu,
    Sigmoid,
    Tanh,
}

/// The length of one item of this shape.
pub fn size_of(shape: &[usize]) -> usize {
    shape.iter().product()
}

impl Spec {
    /// Parses and checks what the engine relies on: every number that is used as an index, and the shapes of tensors.
    pub fn parse(json: &str) -> Result<Spec, String> {
        let spec: Spec =
            serde_json::from_str(json).map_err(|error| format!("the network's description: {error}"))?;
        spec.check()?;
        Ok(spec)
    }

    /// Parameters, then statistics.
    pub fn tensor(&self, number: usize) -> &Tensor {
        match number.checked_sub(self.parameters.len()) {
            None => &self.parameters[number],
            Some(rest) => &self.statistics[rest],
        }
    }

    pub fn tensor_count(&self) -> usize {
        self.parameters.len() + self.statistics.len()
    }

    fn check(&self) -> Result<(), String> {
        let mut shapes: Vec<Option<&[usize]>> = vec![Some(&self.input_shape)];
        if self.batch_size == 0 || self.classes == 0 {
            return Err("batchSize and classes must be at least 1".into());
        }
        for layer in &self.layers {
            let fail = |what: String| Err(format!("layer \"{}\": {what}", layer.name));
            if layer.inputs.is_empty() || layer.inputs.len() != layer.input_shapes.len() {
                return fail(format!(
                    "{} inputs, {} input shapes",
                    layer.inputs.len(),
                    layer.input_shapes.len()
                ));
            }
            for (&input, shape) in layer.inputs.iter().zip(&layer.input_shapes) {
                match shapes.get(input).copied().flatten() {
                    Some(known) if known == shape => {}
                    other => return fail(format!("input {input} has shape {other:?}, not {shape:?}")),
                }
            }
            if layer.output != shapes.len() {
                return fail(format!("output {}; expected {}", layer.output, shapes.len()));
            }
            layer.check(self)?;
            shapes.push(Some(&layer.output_shape));
        }
        match shapes.get(self.output).copied().flatten() {
            Some(shape) if shape == [self.classes] => Ok(()),
            other => Err(format!("the output has shape {other:?}; expected [{}]", self.classes)),
        }
    }
}

impl Layer {
    /// The input of a layer that has one.
    pub fn input_shape(&self) -> &[usize] {
        &self.input_shapes[0]
    }

    fn check(&self, spec: &Spec) -> Result<(), String> {
        let fail = |what: String| Err(format!("layer \"{}\": {what}", self.name));
        if let Some(number) = self.tensors.iter().flatten().find(|&&number| number >= spec.tensor_count()) {
            return fail(format!("tensor {number} does not exist"));
        }
        let expected = match self.expected() {
            Some(expected) => expected,
            None => {
                return fail(format!(
                    "shapes {:?} -> {:?} do not fit {:?}",
                    self.input_shapes, self.output_shape, self.op
                ));
            }
        };
        if expected.len() != self.tensors.len() {
            return fail(format!("{} tensors; expected {}", self.tensors.len(), expected.len()));
        }
        for (tensor, (shape, required)) in self.tensors.iter().zip(&expected) {
            match tensor {
                None if *required => return fail("a tensor is missing".into()),
                Some(number) if spec.tensor(*number).shape != *shape => {
                    return fail(format!(
                        "tensor {number} has shape {:?}; expected {shape:?}",
                        spec.tensor(*number).shape
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Shapes of the tensors and whether each must be there; `None` where input and output shapes do not fit.
    fn expected(&self) -> Option<Vec<(Vec<usize>, bool)>> {
        let (x, y) = (self.input_shape(), &self.output_shape[..]);
        let equal = self.input_shapes.iter().all(|shape| shape == y);
        let single = self.inputs.len() == 1;
        let fits = |fits: bool, tensors: Vec<(Vec<usize>, bool)>| fits.then_some(tensors);
        match &self.op {
            Op::Conv2d { window } => {
                let [kh, kw] = window.kernel;
                let shape = vec![kh, kw, *x.get(2)?, *y.get(2)?];
                fits(single && window.fits(x, y), vec![(shape, true), (vec![y[2]], false)])
            }
            Op::DepthwiseConv2d { window } => {
                let [kh, kw] = window.kernel;
                let (inputs, outputs) = (*x.get(2)?, *y.get(2)?);
                let multiplier = outputs.checked_div(inputs)?;
                let fit = single && window.fits(x, y) && multiplier * inputs == outputs;
                fits(fit, vec![(vec![kh, kw, inputs, multiplier], true), (vec![outputs], false)])
            }
            Op::Dense => fits(
                single && x.len() == 1 && y.len() == 1,
                vec![(vec![x[0], *y.first()?], true), (y.to_vec(), false)],
            ),
            Op::BatchNormalization { .. } => {
                let channels = vec![*x.last()?];
                fits(
                    single && equal,
                    [false, false, true, true].map(|required| (channels.clone(), required)).to_vec(),
                )
            }
            Op::Activation { .. } | Op::Dropout { .. } => fits(single && equal, vec![]),
            Op::Softmax => fits(single && equal && !x.is_empty(), vec![]),
            Op::MaxPooling2d { window } | Op::AveragePooling2d { window } => {
                fits(single && window.pools(x, y) && x[2] == y[2], vec![])
            }
            Op::GlobalAveragePooling2d | Op::GlobalMaxPooling2d => {
                fits(single && x.len() == 3 && y == &x[2..] && size_of(&x[..2]) <= MOST_PLACES, vec![])
            }
            Op::Add | Op::Multiply => fits(equal, vec![]),
            Op::Concatenate { axis } => {
                let total: usize =
                    self.input_shapes.iter().map(|shape| shape.get(*axis)).sum::<Option<usize>>()?;
                let same = self.input_shapes.iter().all(|shape| {
                    shape.len() == y.len()
                        && shape.iter().zip(y).enumerate().all(|(at, (a, b))| at == *axis || a == b)
                });
                fits(same && y.get(*axis) == Some(&total), vec![])
            }
            Op::Reshape => fits(single && size_of(x) == size_of(y), vec![]),
            Op::ZeroPadding2d { before } => {
                let inside = x.len() == 3 && y.len() == 3 && x[2] == y[2];
                fits(single && inside && (0..2).all(|axis| before[axis] + x[axis] <= y[axis]), vec![])
            }
        }
    }
}

/// Places of a pooling window are remembered as 16-bit numbers.
const MOST_PLACES: usize = 1 << 16;

impl Window {
    fn pools(&self, x: &[usize], y: &[usize]) -> bool {
        self.fits(x, y) && self.dilations == [1, 1] && size_of(&self.kernel) <= MOST_PLACES
    }

    /// Every window has at least one place inside the image, and none reads behind the padding that is allowed.
    fn fits(&self, x: &[usize], y: &[usize]) -> bool {
        let ones = [self.kernel, self.strides, self.dilations].iter().flatten().all(|&size| size >= 1);
        ones && x.len() == 3
            && y.len() == 3
            && (0..2).all(|axis| {
                let last = y[axis].wrapping_sub(1).checked_mul(self.strides[axis]);
                let extent = (self.kernel[axis] - 1) * self.dilations[axis];
                y[axis] >= 1
                    && self.before[axis] <= extent
                    && last.is_some_and(|last| last < x[axis] + self.before[axis])
            })
    }
}
