//! Checks and measures the fused path; every result is a line of JSON.
//!
//!     cargo run --release --example fused -- verify GOLDEN.json [MNIST_FOLDER]   against figures of PyTorch
//!     cargo run --release --example fused -- bench quick|compact|paper [STEPS]         milliseconds a step and an evaluation
//!     cargo run --release --example fused -- table quick|compact|paper [STEPS]         where the time goes
//!     cargo run --release --example fused -- serve quick|compact|paper                 answers "go N" lines, for interleaved runs
//!
//! Options from the environment: NATIVE_PATH (avx512, avx2, neon, plain), PRECISION (f32, bf16), THREADS, BATCH.

mod bench;
mod nets;
mod options;
mod verify;

use options::Options;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |i: usize| arguments.get(i).map(String::as_str);
    let steps = || argument(2).map_or(12, |n| n.parse().expect("STEPS"));
    let options = Options::read();
    match (argument(0), argument(1)) {
        (Some("verify"), Some(file)) => println!("{}", verify::verify(&options, file, argument(2))),
        (Some("bench"), Some(net)) => bench::bench(&options, net, steps()),
        (Some("table"), Some(net)) => bench::table(&options, net, steps()),
        (Some("serve"), Some(net)) => bench::serve(&options, net),
        _ => {
            eprintln!("expected verify FILE [MNIST_FOLDER], bench NET, table NET or serve NET");
            std::process::exit(2);
        }
    }
}
