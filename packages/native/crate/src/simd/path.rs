use std::fmt;
use std::str::FromStr;

/// Which instructions the kernels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    Avx512,
    Avx2,
    Neon,
    /// No vector instructions beyond what the compiler's target guarantees.
    Plain,
}

/// What activations, their gradients and the operands of products are stored as. Weights, sums and moments are f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    F32,
    Bf16,
}

impl Path {
    pub const ALL: [Path; 4] = [Path::Avx512, Path::Avx2, Path::Neon, Path::Plain];

    /// Whether this machine can run it.
    pub fn available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => super::Avx512::new().is_some(),
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => super::Avx2::new().is_some(),
            #[cfg(target_arch = "aarch64")]
            Path::Neon => true,
            Path::Plain => true,
            #[allow(unreachable_patterns)]
            _ => false,
        }
    }

    /// The fastest path of this machine.
    pub fn best() -> Path {
        Path::ALL.into_iter().find(|path| path.available()).unwrap_or(Path::Plain)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Path::Avx512 => "avx512",
            Path::Avx2 => "avx2",
            Path::Neon => "neon",
            Path::Plain => "plain",
        })
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(name: &str) -> Result<Path, String> {
        let found = Path::ALL.into_iter().find(|path| path.to_string() == name);
        found.ok_or_else(|| format!("path is \"{name}\", expected avx512, avx2, neon or plain"))
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
        })
    }
}
