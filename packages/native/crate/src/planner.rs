//! Chooses the program for a net.

use crate::plain::{PlainProgram, gemm::Level};
use crate::program::Program;
use crate::spec::Spec;

/// What the caller may choose.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// `auto` (default), `f32` or `bf16`.
    pub precision: Option<String>,
    /// Name of one of `paths`; default: the best.
    pub path: Option<String>,
    /// 0 and 1 are the same.
    pub threads: usize,
}

/// One way to compute that this processor has or lacks.
#[derive(Clone, Debug)]
pub struct Path {
    pub name: &'static str,
    pub precision: &'static str,
    pub available: bool,
}

/// Every path of this architecture, best first.
pub fn paths() -> Vec<Path> {
    let available = Level::available();
    let path =
        |level: Level| Path { name: level.name(), precision: "f32", available: available.contains(&level) };
    Level::all().iter().copied().map(path).collect()
}

/// Compiles a net; an error says what cannot be done.
pub fn compile(spec: Spec, choice: &Choice) -> Result<Box<dyn Program>, String> {
    let wanted = choice.path.as_deref();
    let level =
        Level::available().into_iter().find(|level| wanted.is_none_or(|wanted| wanted == level.name()));
    let Some(level) = level else {
        let names: Vec<_> = Level::available().iter().map(|level| level.name()).collect();
        return Err(format!(
            "path {} is not available; this processor has {}",
            wanted.unwrap_or("?"),
            names.join(", ")
        ));
    };
    Ok(Box::new(PlainProgram::new(spec, level, choice.threads.max(1))?))
}
