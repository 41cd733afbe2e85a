use std::fmt;
use std::str::FromStr;

/// Which instructions the kernels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// AVX-512, and the products of the convolutions on AMX. bf16 only.
    Amx,
    Avx512,
    Avx2,
    Neon,
    /// No vector instructions beyond what the compiler's target guarantees.
    Plain,
    /// What AMX computes, on plain Rust: for tests, many times slower than the others.
    AmxEmulated,
}

/// What activations, their gradients and the operands of products are stored as. Weights, sums and moments are f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    F32,
    Bf16,
}

impl Path {
    /// Fastest first.
    pub const ALL: [Path; 6] =
        [Path::Amx, Path::Avx512, Path::Avx2, Path::Neon, Path::Plain, Path::AmxEmulated];

    /// Whether it has kernels for the precision.
    pub fn computes(self, precision: Precision) -> bool {
        precision == Precision::Bf16 || !matches!(self, Path::Amx | Path::AmxEmulated)
    }

    /// Why this machine cannot run it, if so.
    pub fn obstacle(self) -> Option<String> {
        let lacks = |name: &str| Some(format!("this processor lacks {name}"));
        match self {
            Path::Amx => crate::kernels::amx_obstacle(),
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 if super::Avx512::new().is_some() => None,
            Path::Avx512 => lacks("AVX-512"),
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 if super::Avx2::new().is_some() => None,
            Path::Avx2 => lacks("AVX2 or FMA"),
            Path::Neon if cfg!(target_arch = "aarch64") => None,
            Path::Neon => lacks("NEON"),
            Path::Plain | Path::AmxEmulated => None,
        }
    }

    pub fn available(self) -> bool {
        self.obstacle().is_none()
    }

    /// The fastest path of this machine.
    pub fn best(precision: Precision) -> Path {
        let fits = |path: &Path| path.computes(precision) && path.available();
        Path::ALL.into_iter().find(fits).unwrap_or(Path::Plain)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Path::Amx => "amx",
            Path::AmxEmulated => "amx-emulated",
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
        found.ok_or_else(|| format!("path is \"{name}\", expected amx, avx512, avx2, neon or plain"))
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
