use crate::kernels::Pool;

/// A net of the family and how it is trained. Tensors are numbered as `Program` numbers them.
#[derive(Clone, Debug, PartialEq)]
pub struct FusedPlan {
    /// Images of a training batch.
    pub batch: usize,
    pub height: usize,
    pub width: usize,
    /// Channels of an image.
    pub channels: usize,
    pub classes: usize,
    pub stem: StemPlan,
    /// At least one.
    pub stages: Vec<StagePlan>,
    pub head: HeadPlan,
    pub optimizer: Optimizer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvolutionPlan {
    /// Tensor [height, width, in, out].
    pub kernel: usize,
    /// Tensor [out].
    pub bias: usize,
    pub outputs: usize,
}

/// Convolution with a square kernel, stride 1 and 'same' padding, then ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StemPlan {
    pub size: usize,
    pub convolution: ConvolutionPlan,
}

/// h = batch norm; y = ReLU(3x3 'same' convolution of h), plus h with a shortcut; then pooling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StagePlan {
    pub norm: NormPlan,
    pub convolution: ConvolutionPlan,
    pub shortcut: bool,
    pub pool: Pool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormPlan {
    pub gamma: usize,
    pub beta: usize,
    pub mean: usize,
    pub variance: usize,
    pub epsilon: f64,
    /// Keras's: the share of the old statistic that stays.
    pub momentum: f64,
}

/// Batch norm, average over all pixels, dense layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadPlan {
    pub norm: NormPlan,
    /// Tensor [in, classes].
    pub kernel: usize,
    /// Tensor [classes].
    pub bias: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    Adam { beta2: f64, epsilon: f64 },
    Sgd { nesterov: bool },
}

impl FusedPlan {
    /// What keeps the plan from being run, if anything.
    pub fn check(&self) -> Result<(), String> {
        if self.batch == 0 || self.height == 0 || self.width == 0 || self.channels == 0 || self.classes == 0 {
            return Err("batch, image size, channels and classes must be at least 1".into());
        }
        if self.stem.size == 0 || self.stages.is_empty() {
            return Err("the net needs a stem and at least one stage".into());
        }
        let (mut height, mut width, mut channels) = (self.height, self.width, self.stem.convolution.outputs);
        for (i, stage) in self.stages.iter().enumerate() {
            if stage.shortcut && stage.convolution.outputs != channels {
                return Err(format!(
                    "stage {i}: a shortcut joins {channels} and {} channels",
                    stage.convolution.outputs
                ));
            }
            channels = stage.convolution.outputs;
            (height, width) = (stage.pool.size(height), stage.pool.size(width));
            if channels == 0 || height == 0 || width == 0 {
                return Err(format!("stage {i}: its output is [{height}, {width}, {channels}]"));
            }
        }
        Ok(())
    }
}
