use crate::plain::gemm::Start;
use crate::plain::image::{Sliding, add, add_rows};
use crate::plain::layer::*;

/// y = x * kernel + bias, as a matrix product of the windows, laid out as rows, and the HWIO kernel.
pub struct Conv2d {
    pub sliding: Sliding,
    pub kernel: usize,
    pub bias: Option<usize>,
}

impl Conv2d {
    /// The windows of a range of pixels as rows; those of a pointwise convolution are the image itself.
    fn rows<'a>(
        &self,
        image: &'a [f32],
        pixels: std::ops::Range<usize>,
        columns: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        if self.sliding.is_pointwise() {
            let channels = self.sliding.input[2];
            return &image[pixels.start * channels..pixels.end * channels];
        }
        self.sliding.gather(image, pixels, columns);
        columns
    }
}

impl Layer for Conv2d {
    fn pack(&self, tensors: &[Vec<f32>], packed: &mut Packed) {
        let outputs = self.sliding.output[2];
        packed.forward.pack(&tensors[self.kernel], outputs);
        packed.backward.pack_transposed(&tensors[self.kernel], outputs);
    }

    fn forward(
        &self,
        context: &Context,
        packed: &Packed,
        x: &[&[f32]],
        y: &mut [f32],
        _: &mut Memo,
        scratch: &mut Scratch,
    ) {
        let (sliding, outputs) = (&self.sliding, self.sliding.output[2]);
        let start = context.tensor(self.bias).map_or(Start::Zero, Start::Bias);
        for (x, y) in x[0].chunks_exact(sliding.input_size()).zip(y.chunks_exact_mut(sliding.output_size())) {
            for pixels in sliding.blocks() {
                let y = &mut y[pixels.start * outputs..pixels.end * outputs];
                context.level.multiply(self.rows(x, pixels, &mut scratch.columns), &packed.forward, y, start);
            }
        }
    }

    fn weight_gradients(
        &self,
        context: &Context,
        x: &[&[f32]],
        dy: &[f32],
        gradients: &mut Gradients,
        scratch: &mut Scratch,
    ) {
        let (sliding, outputs) = (&self.sliding, self.sliding.output[2]);
        if let Some(bias) = gradients.of(self.bias) {
            let mut sum = vec![0.0; outputs];
            for dy in dy.chunks_exact(sliding.output_size()) {
                sum.fill(0.0);
                add_rows(&mut sum, dy);
                add(bias, &sum);
            }
        }
        let Some(kernel) = gradients.of(Some(self.kernel)) else { return };
        for (x, dy) in x[0].chunks_exact(sliding.input_size()).zip(dy.chunks_exact(sliding.output_size())) {
            for pixels in sliding.blocks() {
                scratch.panels.pack(&dy[pixels.start * outputs..pixels.end * outputs], outputs);
                let rows = self.rows(x, pixels, &mut scratch.columns);
                context.level.multiply_transposed(rows, &scratch.panels, kernel);
            }
        }
    }

    fn input_gradient(
        &self,
        _: usize,
        context: &Context,
        packed: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    ) {
        let (sliding, outputs) = (&self.sliding, self.sliding.output[2]);
        let row = sliding.places() * sliding.input[2];
        if sliding.is_pointwise() {
            let begin = if deliver == Deliver::Add { Start::Result } else { Start::Zero };
            return context.level.multiply(pass.dy, &packed.backward, dx, begin);
        }
        start(dx, deliver);
        for (dx, dy) in
            dx.chunks_exact_mut(sliding.input_size()).zip(pass.dy.chunks_exact(sliding.output_size()))
        {
            for pixels in sliding.blocks() {
                let rows = &mut pass.scratch.columns;
                rows.resize(pixels.len() * row, 0.0);
                let dy = &dy[pixels.start * outputs..pixels.end * outputs];
                context.level.multiply(dy, &packed.backward, rows, Start::Zero);
                sliding.scatter(rows, pixels, dx);
            }
        }
    }
}
