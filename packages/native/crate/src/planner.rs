//! Chooses the program for a net.

use crate::family;
use crate::fused::FusedProgram;
use crate::plain::{PlainProgram, gemm::Level};
use crate::program::Program;
use crate::simd::{Path, Precision};
use crate::spec::Spec;

/// What the caller may choose.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub precision: PrecisionChoice,
    /// `None`: the best of this processor.
    pub path: Option<Path>,
    /// At least 1.
    pub threads: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrecisionChoice {
    Auto,
    Exactly(Precision),
}

/// A path and a precision that go together on this architecture.
#[derive(Clone, Debug)]
pub struct Support {
    pub path: Path,
    pub precision: Precision,
    /// Why this machine cannot run it, if so.
    pub obstacle: Option<String>,
}

/// Everything that the architecture may have, best first. f32 before bf16: `auto` takes f32.
pub fn supports() -> Vec<Support> {
    let support = |precision| {
        let describe = move |path: Path| Support { path, precision, obstacle: path.obstacle() };
        Path::ALL.into_iter().filter(move |path| path.computes(precision) && exists(*path)).map(describe)
    };
    support(Precision::F32).chain(support(Precision::Bf16)).collect()
}

/// The variable that offers the emulation of AMX, for tests.
const EMULATION: &str = "MNIST_NATIVE_AMX_EMULATION";

/// Whether the architecture may have it.
fn exists(path: Path) -> bool {
    match path {
        Path::Amx | Path::Avx512 | Path::Avx2 => cfg!(target_arch = "x86_64"),
        Path::Neon => cfg!(target_arch = "aarch64"),
        Path::Plain => true,
        Path::AmxEmulated => std::env::var_os(EMULATION).is_some_and(|value| value == "1"),
    }
}

/// Compiles a net; an error says what cannot be done.
pub fn compile(spec: Spec, choice: &Choice) -> Result<Box<dyn Program>, String> {
    let plan = family::recognise(&spec);
    let precision = match choice.precision {
        PrecisionChoice::Exactly(precision) => precision,
        PrecisionChoice::Auto if choice.path.is_some_and(|path| !path.computes(Precision::F32)) => {
            Precision::Bf16
        }
        PrecisionChoice::Auto => Precision::F32,
    };
    let path = choice.path.unwrap_or_else(|| Path::best(precision));
    if let Some(obstacle) = path.obstacle() {
        return Err(format!("path {path}: {obstacle}"));
    }
    if !path.computes(precision) {
        return Err(format!("path {path} computes in bf16, not in {precision}"));
    }
    match plan {
        Ok(plan) => Ok(Box::new(FusedProgram::new(&plan, path, precision, choice.threads))),
        Err(why) if precision == Precision::Bf16 => {
            Err(format!("precision bf16 needs a net of the fast path's family, but {why}"))
        }
        Err(_) => Ok(Box::new(PlainProgram::new(spec, level(path), choice.threads)?)),
    }
}

/// The instructions of the plain kernels on a path.
fn level(path: Path) -> Level {
    match path {
        #[cfg(target_arch = "x86_64")]
        Path::Avx512 => Level::Avx512,
        #[cfg(target_arch = "x86_64")]
        Path::Avx2 => Level::Avx2,
        _ => Level::Portable,
    }
}
