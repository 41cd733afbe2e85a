use crate::plain::gemm::Start;
use crate::plain::image::add_rows;
use crate::plain::layer::*;

/// y = x W + b. dx = dy W^T, dW = x^T dy, db = column sums of dy.
pub struct Dense {
    pub outputs: usize,
    pub kernel: usize,
    pub bias: Option<usize>,
}

impl Layer for Dense {
    fn pack(&self, tensors: &[Vec<f32>], packed: &mut Packed) {
        packed.forward.pack(&tensors[self.kernel], self.outputs);
        packed.backward.pack_transposed(&tensors[self.kernel], self.outputs);
    }

    fn forward(
        &self,
        context: &Context,
        packed: &Packed,
        x: &[&[f32]],
        y: &mut [f32],
        _: &mut Memo,
        _: &mut Scratch,
    ) {
        let start = context.tensor(self.bias).map_or(Start::Zero, Start::Bias);
        context.level.multiply(x[0], &packed.forward, y, start);
    }

    fn weight_gradients(
        &self,
        context: &Context,
        x: &[&[f32]],
        dy: &[f32],
        gradients: &mut Gradients,
        scratch: &mut Scratch,
    ) {
        if let Some(bias) = gradients.of(self.bias) {
            add_rows(bias, dy);
        }
        if let Some(kernel) = gradients.of(Some(self.kernel)) {
            scratch.panels.pack(dy, self.outputs);
            context.level.multiply_transposed(x[0], &scratch.panels, kernel);
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
        let begin = if deliver == Deliver::Add { Start::Result } else { Start::Zero };
        context.level.multiply(pass.dy, &packed.backward, dx, begin);
    }
}
