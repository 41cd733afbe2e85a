//! All parameters in one array, channels padded to a multiple that the convolutions ask for. Padding is zero and stays zero: its gradients are.

use super::plan::{FusedPlan, NormPlan};
use crate::kernels::Buffer;

/// How a tensor lies in the array.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Vector {
        length: usize,
    },
    /// [tap][in][out]; the stem's inputs are not padded
    Kernel {
        taps: usize,
        inputs: usize,
        padded_inputs: usize,
        outputs: usize,
    },
    /// [out][in], where the tensor is [in, out]
    Dense {
        inputs: usize,
        outputs: usize,
    },
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Parameter(usize, Layout),
    /// running statistics, by number of the norm
    Mean(usize),
    Variance(usize),
}

#[derive(Clone, Copy, Debug)]
pub struct NormPlace {
    pub gamma: usize,
    pub beta: usize,
    pub channels: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct ConvolutionPlace {
    pub kernel: usize,
    pub bias: usize,
}

/// Where everything lies; `norms` has the head's last.
pub struct Places {
    padding: usize,
    tensors: Vec<Option<Place>>,
    pub stem: ConvolutionPlace,
    pub norms: Vec<NormPlace>,
    pub stages: Vec<ConvolutionPlace>,
    pub head: ConvolutionPlace,
    pub length: usize,
}

/// Where a tensor's values are held.
pub enum Found {
    Parameters,
    Mean(usize),
    Variance(usize),
}

impl Places {
    /// @param padding channels are padded to a multiple of it
    pub fn new(plan: &FusedPlan, padding: usize) -> Self {
        let mut places = Places {
            padding,
            tensors: vec![],
            stem: ConvolutionPlace { kernel: 0, bias: 0 },
            norms: vec![],
            stages: vec![],
            head: ConvolutionPlace { kernel: 0, bias: 0 },
            length: 0,
        };
        let stem = plan.stem.convolution;
        let (taps, inputs) = (plan.stem.size * plan.stem.size, plan.channels);
        places.stem.kernel = places
            .add(stem.kernel, Layout::Kernel { taps, inputs, padded_inputs: inputs, outputs: stem.outputs });
        places.stem.bias = places.add(stem.bias, Layout::Vector { length: stem.outputs });
        let mut channels = stem.outputs;
        for stage in &plan.stages {
            places.add_norm(stage.norm, channels);
            let outputs = stage.convolution.outputs;
            let layout =
                Layout::Kernel { taps: 9, inputs: channels, padded_inputs: places.padded(channels), outputs };
            let kernel = places.add(stage.convolution.kernel, layout);
            let bias = places.add(stage.convolution.bias, Layout::Vector { length: outputs });
            places.stages.push(ConvolutionPlace { kernel, bias });
            channels = outputs;
        }
        places.add_norm(plan.head.norm, channels);
        places.head.kernel =
            places.add(plan.head.kernel, Layout::Dense { inputs: channels, outputs: plan.classes });
        places.head.bias = places.add(plan.head.bias, Layout::Vector { length: plan.classes });
        places
    }

    pub fn padded(&self, channels: usize) -> usize {
        channels.next_multiple_of(self.padding)
    }

    fn put(&mut self, tensor: usize, place: Place) {
        if self.tensors.len() <= tensor {
            self.tensors.resize(tensor + 1, None);
        }
        assert!(self.tensors[tensor].is_none(), "tensor {tensor} is used twice");
        self.tensors[tensor] = Some(place);
    }

    fn add(&mut self, tensor: usize, layout: Layout) -> usize {
        let at = self.length;
        self.put(tensor, Place::Parameter(at, layout));
        self.length += match layout {
            Layout::Vector { length } => self.padded(length),
            Layout::Kernel { taps, padded_inputs, outputs, .. } => {
                taps * padded_inputs * self.padded(outputs)
            }
            Layout::Dense { inputs, outputs } => outputs * self.padded(inputs),
        };
        at
    }

    fn add_norm(&mut self, norm: NormPlan, channels: usize) {
        let number = self.norms.len();
        let gamma = self.add(norm.gamma, Layout::Vector { length: channels });
        let beta = self.add(norm.beta, Layout::Vector { length: channels });
        self.put(norm.mean, Place::Mean(number));
        self.put(norm.variance, Place::Variance(number));
        self.norms.push(NormPlace { gamma, beta, channels: self.padded(channels) });
    }

    pub fn find(&self, tensor: usize) -> Found {
        match self.tensors.get(tensor).copied().flatten() {
            Some(Place::Parameter(..)) => Found::Parameters,
            Some(Place::Mean(norm)) => Found::Mean(norm),
            Some(Place::Variance(norm)) => Found::Variance(norm),
            None => panic!("tensor {tensor} is not part of the plan"),
        }
    }

    /// Copies a parameter out of an array laid out like the parameters.
    pub fn read(&self, tensor: usize, array: &[f32], out: &mut [f32]) {
        self.each(tensor, out.len(), |outside, inside| out[outside] = array[inside]);
    }

    pub fn write(&self, tensor: usize, array: &mut [f32], values: &[f32]) {
        self.each(tensor, values.len(), |outside, inside| array[inside] = values[outside]);
    }

    /// (index in the tensor, index in the array) of every element.
    fn each(&self, tensor: usize, length: usize, mut visit: impl FnMut(usize, usize)) {
        let Some(Place::Parameter(at, layout)) = self.tensors[tensor] else {
            panic!("tensor {tensor} is no parameter")
        };
        let expected = match layout {
            Layout::Vector { length } => length,
            Layout::Kernel { taps, inputs, outputs, .. } => taps * inputs * outputs,
            Layout::Dense { inputs, outputs } => inputs * outputs,
        };
        assert_eq!(length, expected, "elements of tensor {tensor}");
        match layout {
            Layout::Vector { length } => (0..length).for_each(|i| visit(i, at + i)),
            Layout::Kernel { taps, inputs, padded_inputs, outputs } => {
                for row in 0..taps * inputs {
                    let inside = at + (row / inputs * padded_inputs + row % inputs) * self.padded(outputs);
                    (0..outputs).for_each(|o| visit(row * outputs + o, inside + o));
                }
            }
            Layout::Dense { inputs, outputs } => {
                for i in 0..inputs {
                    (0..outputs).for_each(|o| visit(i * outputs + o, at + o * self.padded(inputs) + i));
                }
            }
        }
    }
}

/// The parameters and what training keeps beside them.
pub struct Parameters {
    pub values: Buffer<f32>,
    pub gradient: Buffer<f32>,
    pub first: Buffer<f32>,
    pub second: Buffer<f32>,
}

impl Parameters {
    pub fn new(length: usize) -> Self {
        let new = || Buffer::new(length);
        Parameters { values: new(), gradient: new(), first: new(), second: new() }
    }
}
