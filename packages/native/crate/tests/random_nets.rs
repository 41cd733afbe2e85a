//! Random nets of the fast path's family, three steps each, against sums in float64 that know nothing of the kernels, and
//! the path layer by layer beside them. `NATIVE_NETS=1000` for many, `NATIVE_NETS_FROM` for the first.
//!
//! A ReLU or a maximum that rounding decides gives another gradient, and a batch normalisation magnifies the rounding of a
//! channel that is all but constant. A net that is off must be explained by one of them: the float64 figures are its own when at
//! most three close decisions are taken the other way, or move as far themselves when the images move by a millionth.
//!
//! Paths whose multiply-add rounds once must end with the same bits. Each hundred nets a line gives the checksum of all so far, to
//! be compared with another machine's; `NATIVE_NETS_BITS=1` leaves out the figures in float64, which take most of the time, and
//! `NATIVE_NETS_PATHS=avx512` the other paths.

mod support;

use mnist_native::planner::{Choice, PrecisionChoice, compile};
use mnist_native::program::{Hyper, Program, Slot};
use mnist_native::simd::{Path, Precision};
use support::net::{Net, Random};
use support::reference::{Decision, Reference};

const HYPER: Hyper = Hyper { learning_rate: 1e-2, momentum: 0.9, weight_decay: 0.0 };
/// Of the largest value of a tensor, or of 1 where all are smaller.
const TOLERANCE: f64 = 1e-3;
/// Decisions that may explain a net that is off by more, and how many of the closest are tried for each.
const MOST_TURNED: usize = 3;
const CANDIDATES: usize = 40;
/// What one Winograd convolution loses in float32, relative to its values; and how often the images are moved by that.
const ROUNDING: f64 = 1e-6;
const MOVES: u64 = 32;

struct Batches {
    images: Vec<Vec<f32>>,
    targets: Vec<Vec<f32>>,
}

fn batches(net: &Net, random: &mut Random) -> Batches {
    let mut batches = Batches { images: vec![], targets: vec![] };
    for count in [net.batch, net.batch, net.batch.div_ceil(2)] {
        batches.images.push((0..count * net.pixels()).map(|_| (2.0 * random.next() - 1.0) as f32).collect());
        let smoothed =
            |class: usize, label: usize| 0.1 / net.classes as f32 + if class == label { 0.9 } else { 0.0 };
        let targets = (0..count).flat_map(|_| {
            let label = random.below(net.classes);
            (0..net.classes).map(move |class| (class, label)).collect::<Vec<_>>()
        });
        batches.targets.push(targets.map(|(class, label)| smoothed(class, label)).collect());
    }
    batches
}

/// Parameters and statistics after three steps.
fn train(net: &Net, batches: &Batches, path: Path, plainly: bool) -> Vec<Vec<f32>> {
    let choice = Choice { precision: PrecisionChoice::Exactly(Precision::F32), path: Some(path), threads: 1 };
    let mut program: Box<dyn Program> = compile(net.spec(plainly), &choice).expect("a net of the family");
    assert_eq!(program.path().contains("fused"), !plainly, "{}", program.path());
    for (i, values) in net.weights.iter().enumerate() {
        program.write(Slot::Value, i, values);
    }
    for (step, (images, targets)) in batches.images.iter().zip(&batches.targets).enumerate() {
        program.step(images, targets, &HYPER, step as u64 + 1);
    }
    let read = |(i, values): (usize, &Vec<f32>)| {
        let mut out = vec![0.0; values.len()];
        program.read(Slot::Value, i, &mut out);
        out
    };
    net.weights.iter().enumerate().map(read).collect()
}

/// Continues a checksum (FNV-1a, 64 bits) with the bits of some tensors.
fn checksum(of: u64, tensors: &[Vec<f32>]) -> u64 {
    let bytes = tensors.iter().flatten().flat_map(|x| x.to_bits().to_le_bytes());
    bytes.fold(of, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// One way of training, and what it has come to.
struct Way {
    path: Path,
    plainly: bool,
    /// Of all nets so far.
    checksum: u64,
}

impl Way {
    fn all() -> Vec<Way> {
        let paths: Vec<Path> = match std::env::var("NATIVE_NETS_PATHS") {
            Ok(names) => names.split(',').map(|name| name.parse().expect("NATIVE_NETS_PATHS")).collect(),
            Err(_) => Path::ALL.into_iter().filter(|path| path.available()).collect(),
        };
        let paths = paths.into_iter().filter(|path| path.computes(Precision::F32));
        let ways = paths.flat_map(|path| [(path, false), (path, true)]);
        let ways: Vec<Way> =
            ways.map(|(path, plainly)| Way { path, plainly, checksum: 0xcbf2_9ce4_8422_2325 }).collect();
        assert!(!ways.is_empty(), "NATIVE_NETS_PATHS has no path that computes f32");
        ways
    }

    fn must_equal(&self, other: &Way) -> bool {
        let once = |way: &Way| way.path != Path::Plain;
        once(self) && once(other) && self.plainly == other.plainly
    }
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", self.path, if self.plainly { "layer by layer" } else { "fused" })
    }
}

/// The same in float64, with some decisions taken the other way, and the close decisions.
fn train_exactly(net: &Net, batches: &Batches, turned: &[Decision]) -> (Vec<Vec<f64>>, Vec<Decision>) {
    let mut reference = Reference::new(net, turned);
    for (images, targets) in batches.images.iter().zip(&batches.targets) {
        reference.step(images, targets, HYPER.learning_rate as f64, HYPER.momentum as f64);
    }
    (reference.tensors, reference.decisions)
}

/// Turns close decisions, each time the one that brings the float64 figures nearest, until they are the figures found; the
/// decisions and what is left of the distance.
fn explain(net: &Net, batches: &Batches, found: &[Vec<f64>]) -> (Vec<Decision>, f64) {
    let mut turned: Vec<Decision> = vec![];
    let mut left = f64::INFINITY;
    while left >= TOLERANCE && turned.len() < MOST_TURNED {
        let mut close = train_exactly(net, batches, &turned).1;
        close.sort_by(|a, b| a.margin.total_cmp(&b.margin));
        let tries = close.into_iter().filter(|decision| !turned.contains(decision)).take(CANDIDATES);
        let with = |decision: Decision| [&turned[..], &[decision]].concat();
        let tried = tries.map(|decision| {
            let (tensors, _) = train_exactly(net, batches, &with(decision));
            (distance(found, &tensors), decision)
        });
        let Some((distance, decision)) = tried.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        (turned, left) = (with(decision), distance);
    }
    (turned, left)
}

/// How far the float64 figures move when each pixel moves by up to [`ROUNDING`] of itself: the worst of some tries.
fn sensitivity(net: &Net, batches: &Batches, exact: &[Vec<f64>]) -> f64 {
    let moved = |seed: u64| {
        let mut random = Random::new(seed);
        let mut moved = |x: &f32| x * (1.0 + ROUNDING * (2.0 * random.next() - 1.0)) as f32;
        let images = batches.images.iter().map(|images| images.iter().map(&mut moved).collect()).collect();
        Batches { images, targets: batches.targets.clone() }
    };
    let distances = (1..=MOVES).map(|seed| distance(&train_exactly(net, &moved(seed), &[]).0, exact));
    distances.fold(0.0, f64::max)
}

/// The largest difference of any tensor.
fn distance(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    let of_tensor = |(a, b): (&Vec<f64>, &Vec<f64>)| {
        let scale = b.iter().fold(1f64, |most, x| most.max(x.abs()));
        let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        differences.fold(0f64, |worst, d| if d > worst || d.is_nan() { d } else { worst }) / scale
    };
    a.iter().zip(b).map(of_tensor).fold(0f64, |worst, d| if d > worst || d.is_nan() { d } else { worst })
}

#[test]
fn random_nets_equal_sums_in_float64() {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
    };
    let (from, count) = (number("NATIVE_NETS_FROM", 1), number("NATIVE_NETS", 25));
    let bits_alone = number("NATIVE_NETS_BITS", 0) == 1;
    let mut ways = Way::all();
    let mut outliers = 0;
    for seed in from..from + count {
        let mut random = Random::new(seed + 1);
        let net = Net::new(seed, 4 + random.below(20));
        // What a test in TypeScript with the same numbers predicts first.
        (0..11 * (net.pixels() + 1)).for_each(|_| _ = random.next());
        let batches = batches(&net, &mut random);
        let exact = if bits_alone { None } else { Some(train_exactly(&net, &batches, &[]).0) };
        for i in 0..ways.len() {
            let found = train(&net, &batches, ways[i].path, ways[i].plainly);
            ways[i].checksum = checksum(ways[i].checksum, &found);
            if let Some(same) = ways[..i].iter().find(|way| way.must_equal(&ways[i])) {
                assert_eq!(same.checksum, ways[i].checksum, "net {seed}: {same} and {} differ", ways[i]);
            }
            let nets = seed + 1 - from;
            if nets % 100 == 0 || nets == count {
                println!("bits of {nets} nets from {from} on {}: {:016x}", ways[i], ways[i].checksum);
            }
            let Some(exact) = &exact else { continue };
            let found: Vec<Vec<f64>> =
                found.iter().map(|tensor| tensor.iter().copied().map(f64::from).collect()).collect();
            let off = distance(&found, exact);
            if off < TOLERANCE {
                continue;
            }
            outliers += 1;
            let (turned, left) = explain(&net, &batches, &found);
            let margins: Vec<String> = turned.iter().map(|d| format!("{:.1e}", d.margin)).collect();
            let what = format!("net {seed} on {}: off by {off:.1e}", ways[i]);
            println!("{what}; {left:.1e} with decisions of these margins turned: {}", margins.join(", "));
            if left >= TOLERANCE {
                let moves = sensitivity(&net, &batches, exact);
                println!("  float64 itself moves by {moves:.1e} with the images moved by {ROUNDING}");
                assert!(off < moves, "{what}, which nothing explains");
            }
        }
    }
    match bits_alone {
        true => println!("{count} nets: bits alone, nothing was compared with float64"),
        false => println!("{count} nets: {outliers} runs off by more than {TOLERANCE}"),
    }
}
