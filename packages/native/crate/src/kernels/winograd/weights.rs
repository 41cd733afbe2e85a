use super::tile::{self, F4, Tile};
use super::{Evaluation, Forward, POINTS};
use crate::kernels::Buffer;
use crate::simd::{LANES, Simd};

/// The transformed kernels of one convolution, in panels of as many outputs as a block has:
/// `forward[point][output / panel][input][panel]` and, for the input gradient, `backward[point][input / panel][output][panel]`.
pub struct WinogradWeights {
    pub inputs: usize,
    pub outputs: usize,
    pub(super) forward: Buffer<f32>,
    pub(super) backward: Buffer<f32>,
}

impl WinogradWeights {
    pub fn new(inputs: usize, outputs: usize) -> Self {
        let length = POINTS * inputs * outputs;
        WinogradWeights { inputs, outputs, forward: Buffer::new(length), backward: Buffer::new(length) }
    }

    /// Floats of a transformed kernel gradient, [point][input][output].
    pub fn gradient_length(&self) -> usize {
        POINTS * self.inputs * self.outputs
    }

    /// From a kernel [3, 3, input, output], for `Winograd::forward` and `backward`.
    pub fn pack<S: Simd>(&mut self, s: S, kernel: &[f32]) {
        pack_forward::<S, Forward>(s, self.inputs, self.outputs, kernel, &mut self.forward);
        pack_backward(s, self.inputs, self.outputs, kernel, &mut self.backward);
    }

    /// For `Winograd::evaluate`; takes the place of what `pack` made for `forward`.
    pub fn pack_evaluation<S: Simd>(&mut self, s: S, kernel: &[f32]) {
        pack_forward::<S, Evaluation>(s, self.inputs, self.outputs, kernel, &mut self.forward);
    }

    /// kernel gradient = G^T gradient G
    pub fn unpack_gradient<S: Simd>(&self, s: S, gradient: &[f32], kernel_gradient: &mut [f32]) {
        unpack(s, self.inputs * self.outputs, gradient, kernel_gradient);
    }
}

/// One kernel [3][3] of sixteen outputs to [point][point].
#[inline(always)]
unsafe fn transform<S: Simd, F: Tile>(s: S, from: *const f32, size: usize, to: *mut f32, step: usize) {
    let mut columns = [[s.zero(); 6]; 3];
    // SAFETY: the caller has nine taps at `from`, `size` apart, and room for the points at `to`, `step` apart.
    unsafe {
        for (x, column) in columns.iter_mut().enumerate() {
            let g = [
                s.load(from.add(x * size)),
                s.load(from.add((3 + x) * size)),
                s.load(from.add((6 + x) * size)),
            ];
            *column = F::kernel(s, g);
        }
        for y in 0..F::POINTS {
            let row = F::kernel(s, [columns[0][y], columns[1][y], columns[2][y]]);
            for (x, u) in row.into_iter().enumerate().take(F::POINTS) {
                s.store(to.add((y * F::POINTS + x) * step), u);
            }
        }
    }
}

kernel! {
    fn pack_forward<'a, S, F: Tile>(s, inputs: usize, outputs: usize, kernel: &'a [f32], forward: &'a mut [f32]) {
        let (size, panel) = (inputs * outputs, S::COLUMNS * LANES);
        assert!(outputs.is_multiple_of(panel) && kernel.len() >= 9 * size && forward.len() >= F::POINTS * F::POINTS * size);
        for i in 0..inputs {
            for o in (0..outputs).step_by(LANES) {
                // SAFETY: i < inputs, o + LANES <= outputs and the lengths were checked above.
                unsafe {
                    let from = kernel.as_ptr().add(i * outputs + o);
                    let to = forward.as_mut_ptr().add((o / panel * inputs + i) * panel + o % panel);
                    transform::<S, F>(s, from, size, to, size);
                }
            }
        }
    }
}

kernel! {
    fn pack_backward<'a, S>(s, inputs: usize, outputs: usize, kernel: &'a [f32], backward: &'a mut [f32]) {
        let (size, panel) = (inputs * outputs, S::COLUMNS * LANES);
        assert!(inputs.is_multiple_of(panel) && outputs.is_multiple_of(LANES));
        assert!(kernel.len() >= 9 * size && backward.len() >= POINTS * size);
        let mut block = [[[0f32; LANES]; POINTS]; LANES];
        for i in (0..inputs).step_by(LANES) {
            for o in (0..outputs).step_by(LANES) {
                for r in 0..LANES {
                    // SAFETY: i + r < inputs, o + LANES <= outputs and the lengths were checked above.
                    unsafe {
                        let from = kernel.as_ptr().add((i + r) * outputs + o);
                        transform::<S, F4>(s, from, size, block[r].as_mut_ptr().cast(), LANES);
                    }
                }
                for point in 0..POINTS {
                    let to = &mut backward[point * size + (i / panel * outputs + o) * panel + i % panel..];
                    for c in 0..LANES {
                        let row = &mut to[c * panel..][..LANES];
                        for r in 0..LANES {
                            row[r] = block[r][point][c];
                        }
                    }
                }
            }
        }
    }
}

kernel! {
    fn unpack<'a, S>(s, size: usize, gradient: &'a [f32], kernel_gradient: &'a mut [f32]) {
        assert!(size.is_multiple_of(LANES) && gradient.len() >= POINTS * size && kernel_gradient.len() >= 9 * size);
        for k in (0..size).step_by(LANES) {
            // SAFETY: the lengths were checked above.
            unsafe {
                let from = gradient.as_ptr().add(k);
                let to = kernel_gradient.as_mut_ptr().add(k);
                let mut half = [[s.zero(); 6]; 3];
                for x in 0..6 {
                    let mut u = [s.zero(); 6];
                    for (y, u) in u.iter_mut().enumerate() {
                        *u = s.load(from.add((y * 6 + x) * size));
                    }
                    let u = tile::kernel_adjoint(s, u);
                    for y in 0..3 {
                        half[y][x] = u[y];
                    }
                }
                for (y, row) in half.into_iter().enumerate() {
                    for (x, value) in tile::kernel_adjoint(s, row).into_iter().enumerate() {
                        s.store(to.add((y * 3 + x) * size), value);
                    }
                }
            }
        }
    }
}
