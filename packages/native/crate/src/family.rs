//! Recognises the nets that the fast path computes.

use crate::fused::{ConvolutionPlan, FusedPlan, HeadPlan, NormPlan, Optimizer, StagePlan, StemPlan};
use crate::kernels::Pool;
use crate::spec::{self, Function, Layer, Loss, Op, Spec, Window};
use std::collections::HashSet;

/// The plan of a net that is a stem, stages and a head (see `fused`); or the first thing that makes it another net.
pub fn recognise(spec: &Spec) -> Result<FusedPlan, String> {
    if spec.loss != Loss::SoftmaxCrossEntropy {
        return Err("the loss is not softmax cross-entropy".into());
    }
    let [height, width, channels] = spec.input_shape[..] else { return Err("the input is no image".into()) };
    let mut reader = Reader { spec, next: 0, value: 0, used: HashSet::new() };
    let stem = reader.stem()?;
    let mut stages = vec![];
    let head = loop {
        let norm = reader.norm()?;
        if matches!(reader.peek()?.op, Op::Conv2d { .. }) {
            stages.push(reader.stage(norm)?);
        } else {
            break reader.head(norm)?;
        }
    };
    reader.finish()?;
    let plan = FusedPlan {
        batch: spec.batch_size,
        height,
        width,
        channels,
        classes: spec.classes,
        stem,
        stages,
        head,
        optimizer: match spec.optimizer {
            spec::Optimizer::Adam { beta2, epsilon } => Optimizer::Adam { beta2, epsilon },
            spec::Optimizer::Sgd { nesterov } => Optimizer::Sgd { nesterov },
        },
    };
    plan.check()?;
    Ok(plan)
}

/// Walks along the layers, each of which must read the value of the one before.
struct Reader<'a> {
    spec: &'a Spec,
    next: usize,
    value: usize,
    used: HashSet<usize>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Result<&'a Layer, String> {
        self.spec.layers.get(self.next).ok_or_else(|| "the net ends too early".into())
    }

    /// The next layer, if it reads the present value alone.
    fn take(&mut self) -> Result<&'a Layer, String> {
        let layer = self.peek()?;
        if layer.inputs != [self.value] {
            return Err(format!("layer \"{}\" reads another value", layer.name));
        }
        self.next += 1;
        self.value = layer.output;
        Ok(layer)
    }

    /// A tensor of its own: trained where `trained`, else a statistic.
    fn tensor(&mut self, layer: &Layer, index: usize, trained: bool) -> Result<usize, String> {
        let found = layer.tensors.get(index).copied().flatten();
        let fits = |&tensor: &usize| (tensor < self.spec.parameters.len()) == trained;
        match found.filter(fits) {
            Some(tensor) if self.used.insert(tensor) => Ok(tensor),
            _ => Err(format!("layer \"{}\" lacks a tensor, shares it or does not train it", layer.name)),
        }
    }

    fn norm(&mut self) -> Result<NormPlan, String> {
        let layer = self.take()?;
        let Op::BatchNormalization { momentum, epsilon } = layer.op else { return Err(unexpected(layer)) };
        Ok(NormPlan {
            gamma: self.tensor(layer, 0, true)?,
            beta: self.tensor(layer, 1, true)?,
            mean: self.tensor(layer, 2, false)?,
            variance: self.tensor(layer, 3, false)?,
            epsilon,
            momentum,
        })
    }

    /// A convolution with a square kernel, stride 1 and 'same' padding, and its ReLU; also the kernel's size.
    fn convolution(&mut self) -> Result<(ConvolutionPlan, usize), String> {
        let layer = self.take()?;
        let Op::Conv2d { window: Window { kernel: [size, columns], strides, dilations, before } } = layer.op
        else {
            return Err(unexpected(layer));
        };
        let same = layer.input_shape()[..2] == layer.output_shape[..2] && before == [(size - 1) / 2; 2];
        if size != columns || strides != [1, 1] || dilations != [1, 1] || !same {
            return Err(unexpected(layer));
        }
        let (kernel, bias) = (self.tensor(layer, 0, true)?, self.tensor(layer, 1, true)?);
        let relu = self.take()?;
        if !matches!(relu.op, Op::Activation { function: Function::Relu }) {
            return Err(unexpected(relu));
        }
        Ok((ConvolutionPlan { kernel, bias, outputs: layer.output_shape[2] }, size))
    }

    fn stem(&mut self) -> Result<StemPlan, String> {
        let (convolution, size) = self.convolution()?;
        Ok(StemPlan { size, convolution })
    }

    fn stage(&mut self, norm: NormPlan) -> Result<StagePlan, String> {
        let normalised = self.value;
        let at = self.peek()?;
        let (convolution, size) = self.convolution()?;
        if size != 3 {
            return Err(unexpected(at));
        }
        let mut shortcut = false;
        let join = self.peek()?;
        if matches!(join.op, Op::Add) {
            let ends = [normalised, self.value];
            shortcut = join.inputs == ends || join.inputs == [ends[1], ends[0]];
            if !shortcut {
                return Err(unexpected(join));
            }
            self.next += 1;
            self.value = join.output;
        }
        Ok(StagePlan { norm, convolution, shortcut, pool: self.pool()? })
    }

    fn pool(&mut self) -> Result<Pool, String> {
        let layer = self.peek()?;
        let Op::MaxPooling2d { window } = &layer.op else { return Ok(Pool::None) };
        let (x, y) = (layer.input_shape(), &layer.output_shape);
        let fits = window.kernel == [2, 2] && window.strides == [2, 2] && window.before == [0, 0];
        let sizes = |pool: Pool| (0..2).all(|axis| pool.size(x[axis]) == y[axis]);
        match [Pool::Floor, Pool::Ceil].into_iter().find(|&pool| sizes(pool)) {
            Some(pool) if fits => {
                self.take()?;
                Ok(pool)
            }
            _ => Err(unexpected(layer)),
        }
    }

    fn head(&mut self, norm: NormPlan) -> Result<HeadPlan, String> {
        let pool = self.take()?;
        let whole = match &pool.op {
            Op::GlobalAveragePooling2d => true,
            Op::AveragePooling2d { window } => {
                window.kernel == pool.input_shape()[..2] && pool.output_shape[..2] == [1, 1]
            }
            _ => false,
        };
        if !whole {
            return Err(unexpected(pool));
        }
        while matches!(self.peek()?.op, Op::Reshape) {
            self.take()?;
        }
        let dense = self.take()?;
        if !matches!(dense.op, Op::Dense) {
            return Err(unexpected(dense));
        }
        Ok(HeadPlan { norm, kernel: self.tensor(dense, 0, true)?, bias: self.tensor(dense, 1, true)? })
    }

    fn finish(&self) -> Result<(), String> {
        if self.next != self.spec.layers.len() || self.value != self.spec.output {
            return Err("layers follow the head".into());
        }
        if self.used.len() != self.spec.tensor_count() {
            return Err("tensors are left over".into());
        }
        Ok(())
    }
}

fn unexpected(layer: &Layer) -> String {
    format!("layer \"{}\" is {:?}", layer.name, layer.op)
}
