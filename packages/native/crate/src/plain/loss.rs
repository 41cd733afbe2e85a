use crate::spec::Loss;

/// Adds up the losses of some images and writes the gradient of the batch's mean loss with respect to the outputs.
/// `outputs`, `targets` and `gradient` are `[images, classes]`; targets are probabilities.
///
/// - softmax cross-entropy: -sum(target log softmax(output)) an image; gradient (softmax - target) / batch
/// - mean squared error: mean over classes of (output - target)^2; gradient 2 (output - target) / (batch classes)
pub fn loss(
    loss: Loss,
    outputs: &[f32],
    targets: &[f32],
    gradient: &mut [f32],
    classes: usize,
    batch: usize,
) -> f64 {
    let rows = outputs.chunks_exact(classes).zip(targets.chunks_exact(classes));
    let rows = rows.zip(gradient.chunks_exact_mut(classes));
    let one = match loss {
        Loss::SoftmaxCrossEntropy => cross_entropy,
        Loss::MeanSquaredError => squared_error,
    };
    rows.map(|((output, target), gradient)| one(output, target, gradient, batch)).sum()
}

fn cross_entropy(output: &[f32], target: &[f32], gradient: &mut [f32], batch: usize) -> f64 {
    // The maximum is taken off first, so that no exponential overflows.
    let top = output.iter().fold(f64::NEG_INFINITY, |top, &x| top.max(x as f64));
    let total: f64 = output.iter().map(|&x| (x as f64 - top).exp()).sum();
    let weight: f64 = target.iter().map(|&target| target as f64).sum();
    let mut loss = 0.0;
    for ((&x, &target), gradient) in output.iter().zip(target).zip(gradient) {
        let log_probability = x as f64 - top - total.ln();
        loss -= target as f64 * log_probability;
        *gradient = ((log_probability.exp() * weight - target as f64) / batch as f64) as f32;
    }
    loss
}

fn squared_error(output: &[f32], target: &[f32], gradient: &mut [f32], batch: usize) -> f64 {
    let classes = output.len() as f64;
    let mut loss = 0.0;
    for ((&x, &target), gradient) in output.iter().zip(target).zip(gradient) {
        let difference = x as f64 - target as f64;
        loss += difference * difference / classes;
        *gradient = (2.0 * difference / (batch as f64 * classes)) as f32;
    }
    loss
}
