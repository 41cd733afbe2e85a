//! Decides, before the first step, what runs in which order and where every value and gradient lies.

use super::image::Sliding;
use super::layer::{Deliver, Layer};
use super::layers::{
    activation::{Activation, Softmax},
    batch_normalization::BatchNormalization,
    conv2d::Conv2d,
    dense::Dense,
    depthwise_conv2d::DepthwiseConv2d,
    dropout::Dropout,
    merge::{Add, Concatenate, Multiply},
    pooling2d::{AveragePooling2d, MaxPooling2d},
    zero_padding2d::ZeroPadding2d,
};
use crate::spec::{self, Function, Op, Spec, size_of};

pub enum Kind {
    Layer(Box<dyn Layer>),
    Normalization(BatchNormalization),
}

pub struct Node {
    pub kind: Kind,
    /// Places of its inputs and its output. Place 0 is the network's input.
    pub inputs: Vec<usize>,
    pub output: usize,
    /// For each input, where its gradient goes; `None` where nothing upstream is trained.
    pub gradients: Vec<Option<(usize, Deliver)>>,
    /// The gradient of its output; `None` where nothing of the node or upstream is trained.
    pub gradient: Option<usize>,
}

pub struct Plan {
    pub nodes: Vec<Node>,
    /// Floats of one image at each place.
    pub places: Vec<usize>,
    /// Floats of one image in each gradient buffer.
    pub gradients: Vec<usize>,
    pub output: usize,
    /// Where the loss's gradient goes.
    pub output_gradient: usize,
}

impl Plan {
    pub fn new(spec: &Spec) -> Plan {
        let aliases = aliases(spec);
        let readers = count_readers(spec, &aliases);
        let mut places = vec![size_of(&spec.input_shape)];
        // For each value where it lies, and whether the layer that made it reads it in its backward pass.
        let mut place_of = vec![0; spec.layers.len() + 1];
        let mut kept = vec![true; spec.layers.len() + 1];
        let mut trained = vec![false; spec.layers.len() + 1];
        let mut nodes: Vec<Node> = vec![];
        let mut wanted = vec![];
        for layer in &spec.layers {
            let output = layer.output;
            let own = layer.tensors.iter().flatten().any(|&tensor| tensor < spec.parameters.len());
            trained[output] = own || layer.inputs.iter().any(|&input| trained[input]);
            if aliases[output] != output {
                place_of[output] = place_of[aliases[output]];
                continue;
            }
            let input = aliases[layer.inputs[0]];
            let may_overwrite = input != 0 && readers[input] == 1 && !kept[input];
            let kind = kind(layer, may_overwrite);
            let in_place = matches!(&kind, Kind::Layer(layer) if layer.in_place());
            kept[output] = matches!(layer.op, Op::Activation { .. } | Op::Softmax);
            place_of[output] = if in_place {
                place_of[input]
            } else {
                places.push(size_of(&layer.output_shape));
                places.len() - 1
            };
            nodes.push(Node {
                kind,
                inputs: if in_place {
                    vec![]
                } else {
                    layer.inputs.iter().map(|&input| place_of[input]).collect()
                },
                output: place_of[output],
                gradients: vec![],
                gradient: None,
            });
            let inputs = layer.inputs.iter().map(|&input| trained[input]).collect::<Vec<_>>();
            wanted.push((trained[output], inputs, in_place));
        }
        let output = place_of[aliases[spec.output]];
        let mut buffers = Buffers::new(places.len());
        let output_gradient = buffers.take(output, places[output]);
        for (node, (trained, inputs, in_place)) in nodes.iter_mut().zip(&wanted).rev() {
            if !trained || buffers.of[node.output].is_none() {
                continue;
            }
            node.gradient = buffers.of[node.output];
            if *in_place {
                node.gradients =
                    vec![node.gradient.map(|buffer| (buffer, Deliver::Write)).filter(|_| inputs[0])];
                continue;
            }
            for (&input, wanted) in node.inputs.iter().zip(inputs) {
                let place = wanted.then(|| match buffers.of[input] {
                    Some(buffer) => (buffer, Deliver::Add),
                    None => (buffers.take(input, places[input]), Deliver::Write),
                });
                node.gradients.push(place);
            }
            buffers.release(node.output);
        }
        Plan { nodes, places, gradients: buffers.sizes, output, output_gradient }
    }
}

/// For each value the first one with the same numbers in the same order: reshaping moves nothing.
fn aliases(spec: &Spec) -> Vec<usize> {
    let mut aliases: Vec<usize> = (0..=spec.layers.len()).collect();
    for layer in &spec.layers {
        if matches!(layer.op, Op::Reshape | Op::Activation { function: Function::Linear }) {
            aliases[layer.output] = aliases[layer.inputs[0]];
        }
    }
    aliases
}

/// How many layers read each value; the loss reads the network's output.
fn count_readers(spec: &Spec, aliases: &[usize]) -> Vec<usize> {
    let mut readers = vec![0; aliases.len()];
    readers[aliases[spec.output]] += 1;
    for layer in spec.layers.iter().filter(|layer| aliases[layer.output] == layer.output) {
        for &input in &layer.inputs {
            readers[aliases[input]] += 1;
        }
    }
    readers
}

fn kind(layer: &spec::Layer, may_overwrite: bool) -> Kind {
    let (x, y) = (layer.input_shape(), &layer.output_shape[..]);
    let tensor = |index: usize| layer.tensors[index];
    let required = |index: usize| tensor(index).expect("Spec::parse checks that it is there");
    let sliding = |window| Sliding::new(window, x, y);
    let boxed: Box<dyn Layer> = match &layer.op {
        Op::BatchNormalization { momentum, epsilon } => {
            let channels = *x.last().expect("Spec::parse checks the shape");
            return Kind::Normalization(BatchNormalization {
                channels,
                pixels: size_of(x) / channels,
                momentum: *momentum,
                epsilon: *epsilon,
                gamma: tensor(0),
                beta: tensor(1),
                moving_mean: required(2),
                moving_variance: required(3),
            });
        }
        Op::Conv2d { window } => {
            Box::new(Conv2d { sliding: sliding(window), kernel: required(0), bias: tensor(1) })
        }
        Op::DepthwiseConv2d { window } => {
            Box::new(DepthwiseConv2d { sliding: sliding(window), kernel: required(0), bias: tensor(1) })
        }
        Op::Dense => Box::new(Dense { outputs: y[0], kernel: required(0), bias: tensor(1) }),
        Op::Activation { function } => {
            let in_place = may_overwrite && Activation::output_suffices(*function);
            Box::new(Activation { function: *function, in_place })
        }
        Op::Softmax => Box::new(Softmax { length: y[y.len() - 1] }),
        Op::MaxPooling2d { window } => Box::new(MaxPooling2d { sliding: sliding(window) }),
        Op::AveragePooling2d { window } => Box::new(AveragePooling2d::new(sliding(window))),
        Op::GlobalAveragePooling2d => Box::new(AveragePooling2d::new(Sliding::global(x))),
        Op::GlobalMaxPooling2d => Box::new(MaxPooling2d { sliding: Sliding::global(x) }),
        Op::Add => Box::new(Add),
        Op::Multiply => Box::new(Multiply),
        Op::Concatenate { axis } => Box::new(Concatenate {
            pieces: layer.input_shapes.iter().map(|x| size_of(&x[*axis..])).collect(),
        }),
        Op::Reshape => unreachable!("a reshape is an alias"),
        Op::ZeroPadding2d { before } => {
            Box::new(ZeroPadding2d { input: [x[0], x[1], x[2]], output: [y[0], y[1], y[2]], before: *before })
        }
        Op::Dropout { rate, number } => {
            Box::new(Dropout { rate: *rate, number: *number, size: size_of(x), in_place: may_overwrite })
        }
    };
    Kind::Layer(boxed)
}

/// Gives gradients the buffers of others that are not needed any more.
struct Buffers {
    /// The buffer of each place's gradient.
    of: Vec<Option<usize>>,
    sizes: Vec<usize>,
    free: Vec<usize>,
}

impl Buffers {
    fn new(places: usize) -> Buffers {
        Buffers { of: vec![None; places], sizes: vec![], free: vec![] }
    }

    fn take(&mut self, place: usize, size: usize) -> usize {
        let fitting = (0..self.free.len()).filter(|&at| self.sizes[self.free[at]] >= size);
        let smallest = fitting.min_by_key(|&at| self.sizes[self.free[at]]);
        let largest = (0..self.free.len()).max_by_key(|&at| self.sizes[self.free[at]]);
        let buffer = match smallest.or(largest) {
            Some(at) => self.free.swap_remove(at),
            None => {
                self.sizes.push(0);
                self.sizes.len() - 1
            }
        };
        self.sizes[buffer] = self.sizes[buffer].max(size);
        self.of[place] = Some(buffer);
        buffer
    }

    fn release(&mut self, place: usize) {
        self.free.extend(self.of[place].take());
    }
}
