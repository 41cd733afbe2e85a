use mnist_native::fused::{FusedPlan, FusedProgram};
use mnist_native::simd::{Path, Precision};

/// What to run on.
pub struct Options {
    pub path: Path,
    pub precision: Precision,
    pub threads: usize,
}

impl Options {
    /// From the environment: NATIVE_PATH, PRECISION, THREADS.
    #[allow(dead_code)]
    pub fn read() -> Options {
        let get = |name| std::env::var(name).ok();
        let precision =
            if get("PRECISION").as_deref() == Some("bf16") { Precision::Bf16 } else { Precision::F32 };
        let path = get("NATIVE_PATH")
            .map_or_else(|| Path::best(precision), |name| name.parse().expect("NATIVE_PATH"));
        let threads = get("THREADS").map_or(1, |n| n.parse().expect("THREADS"));
        Options { path, precision, threads }
    }

    pub fn open(&self, plan: &FusedPlan) -> FusedProgram {
        FusedProgram::new(plan, self.path, self.precision, self.threads)
    }
}
