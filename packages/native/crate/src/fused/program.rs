use super::net::Net;
use super::plan::FusedPlan;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
use crate::kernels::AmxTiles;
use crate::kernels::{
    AmxConvolution, Clock, Convolution, EmulatedTiles, WinogradConvolution, Zeroable, flushing_denormals,
};
use crate::program::{Hyper, Program, Slot};
#[cfg(target_arch = "x86_64")]
use crate::simd::{Avx2, Avx512, Avx512Bf16};
use crate::simd::{Bf16, Element, Path, Plain, Precision, Simd};

/// A fused training, on whatever instructions the processor has.
pub struct FusedProgram {
    net: Box<dyn AnyNet>,
    path: String,
}

/// A net of any backend and precision.
trait AnyNet: Send {
    fn step(&mut self, images: &[f32], targets: &[f32], hyper: &Hyper, step: u64) -> f32;
    fn predict(&mut self, images: &[f32], logits: &mut [f32]);
    fn read(&self, slot: Slot, tensor: usize, out: &mut [f32]);
    fn read_gradient(&self, tensor: usize, out: &mut [f32]);
    fn write(&mut self, slot: Slot, tensor: usize, values: &[f32]);
    fn start_clock(&mut self);
    fn times(&self) -> &Clock;
}

impl<S: Simd, T: Element + Zeroable, C: Convolution<S, T>> AnyNet for Net<S, T, C> {
    fn step(&mut self, images: &[f32], targets: &[f32], hyper: &Hyper, step: u64) -> f32 {
        flushing_denormals(|| self.step(images, targets, hyper, step))
    }
    fn predict(&mut self, images: &[f32], logits: &mut [f32]) {
        flushing_denormals(|| self.predict(images, logits))
    }
    fn read(&self, slot: Slot, tensor: usize, out: &mut [f32]) {
        self.read(slot, tensor, out)
    }
    fn read_gradient(&self, tensor: usize, out: &mut [f32]) {
        self.read_gradient(tensor, out)
    }
    fn write(&mut self, slot: Slot, tensor: usize, values: &[f32]) {
        self.write(slot, tensor, values)
    }
    fn start_clock(&mut self) {
        self.start_clock()
    }
    fn times(&self) -> &Clock {
        self.times()
    }
}

fn open<S: Simd>(s: S, plan: &FusedPlan, precision: Precision, threads: usize) -> Box<dyn AnyNet> {
    match precision {
        Precision::F32 => Box::new(Net::<S, f32, WinogradConvolution>::new(s, plan.clone(), threads)),
        Precision::Bf16 => Box::new(Net::<S, Bf16, WinogradConvolution>::new(s, plan.clone(), threads)),
    }
}

impl FusedProgram {
    /// @param threads at least 1; their number does not change the results
    /// Panics when the plan does not pass `FusedPlan::check` or the path is not `available` or not for the precision.
    pub fn new(plan: &FusedPlan, path: Path, precision: Precision, threads: usize) -> Self {
        assert!(path.available(), "this machine cannot run the path {path}");
        assert!(path.computes(precision), "there is no {precision} on the path {path}");
        let net: Box<dyn AnyNet> = match path {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Path::Amx => {
                let s = Avx512Bf16::new().expect("available");
                Box::new(Net::<_, Bf16, AmxConvolution<AmxTiles>>::new(s, plan.clone(), threads))
            }
            Path::AmxEmulated => {
                Box::new(Net::<_, Bf16, AmxConvolution<EmulatedTiles>>::new(Plain, plan.clone(), threads))
            }
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => open(Avx512::new().expect("available"), plan, precision, threads),
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => open(Avx2::new().expect("available"), plan, precision, threads),
            #[cfg(target_arch = "aarch64")]
            Path::Neon => open(crate::simd::Neon::new().expect("available"), plan, precision, threads),
            _ => open(Plain, plan, precision, threads),
        };
        FusedProgram { net, path: format!("fused {precision} {path}") }
    }

    /// From here on the first thread's time is added up, part by part.
    pub fn start_clock(&mut self) {
        self.net.start_clock()
    }

    /// Times since `start_clock`: a row for the stem, each stage, and the rest.
    pub fn times(&self) -> &Clock {
        self.net.times()
    }

    /// The gradient of a parameter that the last step found, for tests and tools.
    pub fn read_gradient(&self, tensor: usize, out: &mut [f32]) {
        self.net.read_gradient(tensor, out)
    }
}

impl Program for FusedProgram {
    fn step(&mut self, images: &[f32], targets: &[f32], hyper: &Hyper, step: u64) -> f32 {
        self.net.step(images, targets, hyper, step)
    }
    fn predict(&mut self, images: &[f32], logits: &mut [f32]) {
        self.net.predict(images, logits)
    }
    fn read(&self, slot: Slot, tensor: usize, out: &mut [f32]) {
        self.net.read(slot, tensor, out)
    }
    fn write(&mut self, slot: Slot, tensor: usize, values: &[f32]) {
        self.net.write(slot, tensor, values)
    }
    fn path(&self) -> String {
        self.path.clone()
    }
}
