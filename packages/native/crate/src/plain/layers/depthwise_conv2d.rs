use crate::plain::image::{Sliding, add_rows};
use crate::plain::layer::*;

/// Each channel convolved with `multiplier` kernels of its own; kernel [height, width, channels, multiplier].
pub struct DepthwiseConv2d {
    pub sliding: Sliding,
    pub kernel: usize,
    pub bias: Option<usize>,
}

impl DepthwiseConv2d {
    fn multiplier(&self) -> usize {
        self.sliding.output[2] / self.sliding.input[2]
    }

    /// Calls `visit` for each output pixel and place of its window: (output pixel, place, input pixel), as ranges of floats.
    fn each(
        &self,
        mut visit: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>, std::ops::Range<usize>),
    ) {
        let [inputs, outputs] = [self.sliding.input[2], self.sliding.output[2]];
        let range = |index: usize, size: usize| index * size..(index + 1) * size;
        for pixel in 0..self.sliding.pixels() {
            self.sliding.visit(pixel, |place, at| {
                visit(range(pixel, outputs), range(place, outputs), range(at, inputs))
            });
        }
    }
}

impl Layer for DepthwiseConv2d {
    fn forward(
        &self,
        context: &Context,
        _: &Packed,
        x: &[&[f32]],
        y: &mut [f32],
        _: &mut Memo,
        _: &mut Scratch,
    ) {
        let (sliding, multiplier) = (&self.sliding, self.multiplier());
        let kernel = &context.tensors[self.kernel];
        match context.tensor(self.bias) {
            Some(bias) => y.chunks_exact_mut(bias.len()).for_each(|y| y.copy_from_slice(bias)),
            None => y.fill(0.0),
        }
        for (x, y) in x[0].chunks_exact(sliding.input_size()).zip(y.chunks_exact_mut(sliding.output_size())) {
            self.each(|to, place, from| {
                let weights = kernel[place].chunks_exact(multiplier);
                for ((y, weights), x) in y[to].chunks_exact_mut(multiplier).zip(weights).zip(&x[from]) {
                    y.iter_mut().zip(weights).for_each(|(y, weight)| *y += x * weight);
                }
            });
        }
    }

    fn weight_gradients(
        &self,
        _: &Context,
        x: &[&[f32]],
        dy: &[f32],
        gradients: &mut Gradients,
        _: &mut Scratch,
    ) {
        let (sliding, multiplier) = (&self.sliding, self.multiplier());
        if let Some(bias) = gradients.of(self.bias) {
            add_rows(bias, dy);
        }
        let Some(kernel) = gradients.of(Some(self.kernel)) else { return };
        for (x, dy) in x[0].chunks_exact(sliding.input_size()).zip(dy.chunks_exact(sliding.output_size())) {
            self.each(|to, place, from| {
                let dy = dy[to].chunks_exact(multiplier);
                for ((dw, dy), x) in kernel[place].chunks_exact_mut(multiplier).zip(dy).zip(&x[from]) {
                    dw.iter_mut().zip(dy).for_each(|(dw, dy)| *dw += x * dy);
                }
            });
        }
    }

    fn input_gradient(
        &self,
        _: usize,
        context: &Context,
        _: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    ) {
        let (sliding, multiplier) = (&self.sliding, self.multiplier());
        let kernel = &context.tensors[self.kernel];
        start(dx, deliver);
        for (dx, dy) in
            dx.chunks_exact_mut(sliding.input_size()).zip(pass.dy.chunks_exact(sliding.output_size()))
        {
            self.each(|to, place, from| {
                let weights = kernel[place].chunks_exact(multiplier);
                for ((dx, weights), dy) in
                    dx[from].iter_mut().zip(weights).zip(dy[to].chunks_exact(multiplier))
                {
                    *dx += weights.iter().zip(dy).map(|(weight, dy)| weight * dy).sum::<f32>();
                }
            });
        }
    }
}
