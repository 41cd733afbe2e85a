//! Time of a training step and of an evaluation.

use crate::nets;
use crate::options::Options;
use crate::verify::one_hot;
use mnist_native::fused::FusedProgram;
use mnist_native::kernels::Part;
use mnist_native::program::{Hyper, Program, Slot};
use serde_json::json;
use std::time::Instant;

const BATCHES: usize = 4;
const HYPER: Hyper = Hyper { learning_rate: 4e-4, momentum: 0.9, weight_decay: 0.0 };

struct Bench {
    program: FusedProgram,
    images: Vec<f32>,
    targets: Vec<f32>,
    batch: usize,
    step: u64,
}

/// xorshift: the bench needs numbers, not good ones.
fn noise(state: &mut u64) -> f32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

impl Bench {
    fn open(options: &Options, net: &str) -> Bench {
        let widths = match net {
            "quick" => [16, 32, 64],
            "compact" => [32, 64, 128],
            "paper" => [128, 256, 512],
            _ => panic!("net is {net}, expected quick, compact or paper"),
        };
        let batch = std::env::var("BATCH").map_or(100, |n| n.parse().expect("BATCH"));
        let net = nets::committee(widths, batch);
        let mut program = options.open(&net.plan);
        let mut state = 7;
        for (i, (name, shape)) in net.tensors.iter().enumerate() {
            let length: usize = shape.iter().product();
            let bound = 1.0 / ((length / shape[shape.len() - 1]) as f32).sqrt();
            let values: Vec<f32> = match () {
                _ if shape.len() > 1 => (0..length).map(|_| noise(&mut state) * bound).collect(),
                _ if name.contains("bn.weight")
                    || name.contains("var")
                    || ["5.weight", "10.weight", "15.weight"].contains(&name.as_str()) =>
                {
                    vec![1.0; length]
                }
                _ => vec![0.0; length],
            };
            program.write(Slot::Value, i, &values);
        }
        let images = (0..BATCHES * batch * 784).map(|_| noise(&mut state)).collect();
        let labels: Vec<usize> = (0..BATCHES * batch).map(|i| i * 7 % 10).collect();
        let mut bench = Bench { program, images, targets: one_hot(&labels, 10), batch, step: 0 };
        (0..3).for_each(|_| bench.step());
        bench
    }

    fn step(&mut self) {
        let at = self.step as usize % BATCHES * self.batch;
        self.step += 1;
        let (images, targets) =
            (&self.images[at * 784..][..self.batch * 784], &self.targets[at * 10..][..self.batch * 10]);
        self.program.step(images, targets, &HYPER, self.step);
    }

    fn evaluate(&mut self) {
        let mut logits = vec![0.0; self.batch * 10];
        self.program.predict(&self.images[..self.batch * 784], &mut logits);
    }
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

/// Minimum, lower quartile and median.
fn summary(mut times: Vec<f64>) -> serde_json::Value {
    times.sort_by(f64::total_cmp);
    json!({ "minimum": times[0], "quartile": times[times.len() / 4], "median": times[times.len() / 2], "n": times.len() })
}

fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

pub fn bench(options: &Options, net: &str, steps: usize) {
    let mut bench = Bench::open(options, net);
    let step = (0..steps).map(|_| milliseconds(|| bench.step())).collect();
    let evaluation = (0..steps).map(|_| milliseconds(|| bench.evaluate())).collect();
    let (path, batch, threads) = (bench.program.path(), bench.batch, options.threads);
    println!(
        "{}",
        json!({
            "net": net, "path": path, "batch": batch, "threads": threads,
            "stepMilliseconds": summary(step), "evaluationMilliseconds": summary(evaluation), "peakBytes": peak_bytes(),
        })
    );
}

/// Answers each line "go N" with the times of N steps, so that competitors can take turns.
pub fn serve(options: &Options, net: &str) {
    let mut bench = Bench::open(options, net);
    println!("{}", json!({ "ready": true }));
    for line in std::io::stdin().lines() {
        let line = line.expect("a line");
        let steps: usize = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("go N");
        let times: Vec<f64> = (0..steps).map(|_| milliseconds(|| bench.step())).collect();
        println!("{}", json!({ "milliseconds": times, "peakBytes": peak_bytes() }));
    }
}

/// Milliseconds of processor time that each part of a step takes in each stage, on the first thread: the lower quartile
/// over the steps. A line of JSON, and a table for people on the error stream.
pub fn table(options: &Options, net: &str, steps: usize) {
    let mut bench = Bench::open(options, net);
    let mut samples = vec![];
    let mut totals = vec![];
    for _ in 0..steps {
        bench.program.start_clock();
        totals.push(milliseconds(|| bench.step()));
        samples.push(bench.program.times().rows().to_vec());
    }
    let quartile = |row: usize, part: Part| {
        let mut times: Vec<f64> =
            samples.iter().map(|rows| rows[row][part as usize].as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 4]
    };
    let rows = samples[0].len();
    let mut sums = vec![0.0; rows];
    let mut parts = serde_json::Map::new();
    eprintln!(
        "{:>20} {:>8} {} {:>8} {:>8}",
        "ms",
        "stem",
        (1..rows - 1).map(|i| format!("{:>8}", format!("stage {i}"))).collect::<Vec<_>>().join(" "),
        "rest",
        "all"
    );
    for part in Part::ALL {
        let times: Vec<f64> = (0..rows).map(|row| quartile(row, part)).collect();
        sums.iter_mut().zip(&times).for_each(|(sum, time)| *sum += time);
        let cells = times.iter().map(|time| format!("{time:>8.2}")).collect::<Vec<_>>().join(" ");
        eprintln!("{:>20} {cells} {:>8.2}", format!("{part:?}"), times.iter().sum::<f64>());
        parts.insert(format!("{part:?}"), json!(times));
    }
    let cells = sums.iter().map(|time| format!("{time:>8.2}")).collect::<Vec<_>>().join(" ");
    eprintln!("{:>20} {cells} {:>8.2}", "sum", sums.iter().sum::<f64>());
    println!(
        "{}",
        json!({ "net": net, "path": bench.program.path(), "stepMilliseconds": summary(totals), "parts": parts })
    );
}
