//! The nets that are measured and checked.

use mnist_native::fused::{ConvolutionPlan, FusedPlan, HeadPlan, NormPlan, Optimizer, StagePlan, StemPlan};
use mnist_native::kernels::Pool;

/// A stage as PyTorch's modules name it: norm, convolution, output channels, shortcut, pooling.
type StageNames = (&'static str, &'static str, usize, bool, Pool);

/// A plan and the PyTorch name and shape of each of its tensors.
pub struct NamedPlan {
    pub plan: FusedPlan,
    pub tensors: Vec<(String, Vec<usize>)>,
}

/// The residual nets of `@mnist/models` (`committeeNet`): three widths.
pub fn committee(widths: [usize; 3], batch: usize) -> NamedPlan {
    let [a, b, c] = widths;
    let stages = [
        ("2.bn", "2.conv", a, true, Pool::Floor),
        ("4.bn", "4.conv", a, true, Pool::None),
        ("5", "6", b, false, Pool::Floor),
        ("9.bn", "9.conv", b, true, Pool::None),
        ("10", "11", c, false, Pool::Ceil),
        ("14.bn", "14.conv", c, true, Pool::None),
    ];
    build(batch, 28, 5, a, &stages, "15", "18", 10)
}

/// The net of `small-training.json`: images of 14x14, odd maps.
pub fn small(batch: usize) -> NamedPlan {
    let stages = [
        ("2.bn", "2.conv", 3, true, Pool::Floor),
        ("4", "5", 5, false, Pool::Ceil),
        ("8.bn", "8.conv", 5, true, Pool::None),
    ];
    build(batch, 14, 5, 3, &stages, "9", "12", 4)
}

#[allow(clippy::too_many_arguments)]
fn build(
    batch: usize,
    size: usize,
    kernel: usize,
    first: usize,
    stages: &[StageNames],
    head_norm: &str,
    head: &str,
    classes: usize,
) -> NamedPlan {
    let mut tensors: Vec<(String, Vec<usize>)> = vec![];
    let mut tensor = |name: String, shape: &[usize]| {
        tensors.push((name, shape.to_vec()));
        tensors.len() - 1
    };
    let convolution = |tensor: &mut dyn FnMut(String, &[usize]) -> usize,
                       name: &str,
                       size: usize,
                       inputs: usize,
                       outputs: usize| ConvolutionPlan {
        kernel: tensor(format!("{name}.weight"), &[size, size, inputs, outputs]),
        bias: tensor(format!("{name}.bias"), &[outputs]),
        outputs,
    };
    let norm = |tensor: &mut dyn FnMut(String, &[usize]) -> usize, name: &str, channels: usize| NormPlan {
        gamma: tensor(format!("{name}.weight"), &[channels]),
        beta: tensor(format!("{name}.bias"), &[channels]),
        mean: tensor(format!("{name}.running_mean"), &[channels]),
        variance: tensor(format!("{name}.running_var"), &[channels]),
        epsilon: 1e-5,
        momentum: 0.9,
    };
    let stem = StemPlan { size: kernel, convolution: convolution(&mut tensor, "0", kernel, 1, first) };
    let mut channels = first;
    let mut plans = vec![];
    for &(norm_name, name, outputs, shortcut, pool) in stages {
        let norm = norm(&mut tensor, norm_name, channels);
        plans.push(StagePlan {
            norm,
            convolution: convolution(&mut tensor, name, 3, channels, outputs),
            shortcut,
            pool,
        });
        channels = outputs;
    }
    let head = HeadPlan {
        norm: norm(&mut tensor, head_norm, channels),
        kernel: tensor(format!("{head}.weight"), &[channels, classes]),
        bias: tensor(format!("{head}.bias"), &[classes]),
    };
    let plan = FusedPlan {
        batch,
        height: size,
        width: size,
        channels: 1,
        classes,
        stem,
        stages: plans,
        head,
        optimizer: Optimizer::Adam { beta2: 0.99, epsilon: 1e-8 },
    };
    NamedPlan { plan, tensors }
}
