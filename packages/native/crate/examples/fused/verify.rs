//! A training of three steps against figures that PyTorch wrote.

use crate::nets;
use crate::options::Options;
use base64::Engine as _;
use mnist_native::fused::FusedProgram;
use mnist_native::program::{Hyper, Program, Slot};
use serde_json::Value;
use std::io::Read;

fn floats(value: &Value) -> Vec<f32> {
    let text = value["f32"].as_str().expect("a tensor");
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("base64");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().expect("four bytes"))).collect()
}

/// PyTorch's [out, in, ...taps] to [...taps, in, out].
fn to_tensorflow(values: &[f32], shape: &[usize]) -> Vec<f32> {
    if shape.len() == 1 {
        return values.to_vec();
    }
    let (inputs, outputs) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let taps = values.len() / inputs / outputs;
    let mut out = vec![0.0; values.len()];
    for o in 0..outputs {
        for i in 0..inputs {
            for t in 0..taps {
                out[(t * inputs + i) * outputs + o] = values[(o * inputs + i) * taps + t];
            }
        }
    }
    out
}

fn unzipped(path: String) -> Vec<u8> {
    let mut bytes = vec![];
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("gzip");
    bytes
}

/// Images normalised each to mean 0 and deviation 1, and their classes.
pub fn mnist(folder: &str, indices: &[usize]) -> (Vec<f32>, Vec<usize>) {
    let images = unzipped(format!("{folder}/train-images-idx3-ubyte.gz"));
    let labels = unzipped(format!("{folder}/train-labels-idx1-ubyte.gz"));
    let mut pixels = vec![];
    for i in indices {
        let image: Vec<f64> =
            images[16 + i * 784..16 + (i + 1) * 784].iter().map(|b| *b as f64 / 255.0).collect();
        let mean = image.iter().sum::<f64>() / 784.0;
        let deviation = (image.iter().map(|p| (p - mean) * (p - mean)).sum::<f64>() / 784.0).sqrt();
        pixels.extend(image.iter().map(|p| ((p - mean) / deviation) as f32));
    }
    (pixels, indices.iter().map(|i| labels[8 + i] as usize).collect())
}

pub fn one_hot(labels: &[usize], classes: usize) -> Vec<f32> {
    labels.iter().flat_map(|label| (0..classes).map(move |k| (k == *label) as u8 as f32)).collect()
}

fn largest(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(0.0, |a, b| if b.abs() > a || b.is_nan() { b.abs() } else { a })
}

/// Largest difference, and that over the largest of `want`.
fn error(want: &[f32], got: &[f32]) -> (f32, f32) {
    assert_eq!(want.len(), got.len());
    let error = largest(want.iter().zip(got).map(|(a, b)| a - b));
    (error, error / largest(want.iter().copied()).max(f32::MIN_POSITIVE))
}

/// The largest deviations, as JSON.
pub fn verify(options: &Options, file: &str, folder: Option<&str>) -> Value {
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(file).expect("the golden file")).expect("JSON");
    let batch = golden["batchSize"].as_u64().expect("batchSize") as usize;
    let list = |name: &str| -> Vec<usize> {
        golden[name]
            .as_array()
            .expect("a list")
            .iter()
            .map(|v| v.as_u64().expect("a number") as usize)
            .collect()
    };
    let (net, images, labels) = if golden["images"].is_null() {
        let widths: [usize; 3] = list("widths").try_into().expect("three widths");
        let (images, labels) =
            mnist(folder.expect("this file needs the MNIST folder"), &list("trainIndices"));
        (nets::committee(widths, batch), images, labels)
    } else {
        (nets::small(batch), floats(&golden["images"]), list("labels"))
    };
    let mut program = options.open(&net.plan);
    for (i, (name, shape)) in net.tensors.iter().enumerate() {
        let values = &golden["initial"][name];
        if values.is_object() {
            program.write(Slot::Value, i, &to_tensorflow(&floats(values), shape));
        }
    }
    let read = |program: &FusedProgram, slot: Option<Slot>, i: usize| {
        let mut values = vec![0.0; net.tensors[i].1.iter().product()];
        match slot {
            Some(slot) => program.read(slot, i, &mut values),
            None => program.read_gradient(i, &mut values),
        }
        values
    };
    let size = images.len() / labels.len();
    let mut logits = vec![0.0; batch * net.plan.classes];
    program.predict(&images[..batch * size], &mut logits);
    let before = error(&floats(&golden["evalLogitsBefore"]), &logits).1;

    let hyper =
        Hyper { learning_rate: golden["lr"].as_f64().expect("lr") as f32, momentum: 0.9, weight_decay: 0.0 };
    let (mut losses, mut gradient) = (vec![], (0f32, String::new()));
    for step in 0..labels.len() / batch {
        let range = step * batch..(step + 1) * batch;
        let targets = one_hot(&labels[range.clone()], net.plan.classes);
        let loss =
            program.step(&images[range.start * size..range.end * size], &targets, &hyper, step as u64 + 1);
        losses.push((loss as f64 / golden["losses"][step].as_f64().expect("a loss") - 1.0).abs());
        for (i, (name, shape)) in net
            .tensors
            .iter()
            .enumerate()
            .filter(|(_, (name, _))| step == 0 && golden["gradients"][name].is_object())
        {
            let want = to_tensorflow(&floats(&golden["gradients"][name]), shape);
            let relative = error(&want, &read(&program, None, i)).1;
            if relative.is_nan() || relative > gradient.0 {
                gradient = (relative, name.clone());
            }
        }
    }
    let (mut parameters, mut hash) = ((0f32, String::new()), 0xcbf2_9ce4_8422_2325u64);
    for (i, (name, shape)) in net.tensors.iter().enumerate() {
        let got = read(&program, Some(Slot::Value), i);
        let absolute = error(&to_tensorflow(&floats(&golden["afterSteps"][name]), shape), &got).0;
        if absolute.is_nan() || absolute > parameters.0 {
            parameters = (absolute, name.clone());
        }
        hash = got.iter().fold(hash, |hash, x| (hash ^ x.to_bits() as u64).wrapping_mul(0x100_0000_01b3));
    }
    program.predict(&images[..batch * size], &mut logits);
    let after = error(&floats(&golden["evalLogitsAfter"]), &logits).1;
    serde_json::json!({
        "path": program.path(),
        "file": file,
        "evaluationLogitsBefore": before,
        "losses": losses,
        "worstGradient": { "relative": gradient.0, "tensor": gradient.1 },
        "worstAfterSteps": { "absolute": parameters.0, "tensor": parameters.1 },
        "evaluationLogitsAfter": after,
        "bits": format!("{hash:016x}"),
    })
}
