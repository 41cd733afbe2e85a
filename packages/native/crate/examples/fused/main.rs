//! Checks and measures the fused path; every result is a line of JSON.
//!
//!     cargo run --release --example fused -- verify GOLDEN.json [MNIST_FOLDER]   against figures of PyTorch
//!     cargo run --release --example fused -- bench compact|paper [STEPS]         milliseconds a step and an evaluation
//!     cargo run --release --example fused -- table compact|paper [STEPS]         where the time goes
//!     cargo run --release --example fused -- serve compact|paper                 answers "go N" lines, for interleaved runs
//!
//! Options from the environment: NATIVE_PATH (avx512, avx2, neon, plain, amx), PRECISION (f32, bf16), THREADS, BATCH.

mod bench;
mod nets;
mod verify;

use mnist_native::fused::{FusedPlan, FusedProgram};
use mnist_native::simd::{Path, Precision};

/// What the environment asks for.
pub struct Options {
    pub path: Path,
    pub precision: Precision,
    pub threads: usize,
}

impl Options {
    fn read() -> Options {
        let get = |name| std::env::var(name).ok();
        let precision =
            if get("PRECISION").as_deref() == Some("bf16") { Precision::Bf16 } else { Precision::F32 };
        let path =
            get("NATIVE_PATH").map_or(Path::best(precision), |name| name.parse().expect("NATIVE_PATH"));
        let threads = get("THREADS").map_or(1, |n| n.parse().expect("THREADS"));
        Options { path, precision, threads }
    }

    pub fn open(&self, plan: &FusedPlan) -> FusedProgram {
        FusedProgram::new(plan, self.path, self.precision, self.threads)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |i: usize| arguments.get(i).map(String::as_str);
    let steps = || argument(2).map_or(12, |n| n.parse().expect("STEPS"));
    let options = Options::read();
    match (argument(0), argument(1)) {
        (Some("verify"), Some(file)) => verify::verify(&options, file, argument(2)),
        (Some("bench"), Some(net)) => bench::bench(&options, net, steps()),
        (Some("table"), Some(net)) => bench::table(&options, net, steps()),
        (Some("serve"), Some(net)) => bench::serve(&options, net),
        _ => {
            eprintln!("expected verify FILE [MNIST_FOLDER], bench NET, table NET or serve NET");
            std::process::exit(2);
        }
    }
}
