use crate::plain::image::add;
use crate::plain::layer::*;

/// Sum of all inputs; each receives the whole gradient.
pub struct Add;

impl Layer for Add {
    fn forward(&self, _: &Context, _: &Packed, x: &[&[f32]], y: &mut [f32], _: &mut Memo, _: &mut Scratch) {
        y.copy_from_slice(x[0]);
        x[1..].iter().for_each(|x| add(y, x));
    }

    fn input_gradient(
        &self,
        _: usize,
        _: &Context,
        _: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    ) {
        deliver_each(dx, deliver, pass.dy.iter().copied());
    }
}

/// Product of all inputs; each receives the gradient times the product of the others.
pub struct Multiply;

impl Layer for Multiply {
    fn forward(&self, _: &Context, _: &Packed, x: &[&[f32]], y: &mut [f32], _: &mut Memo, _: &mut Scratch) {
        y.copy_from_slice(x[0]);
        x[1..].iter().for_each(|x| y.iter_mut().zip(*x).for_each(|(y, x)| *y *= x));
    }

    fn input_gradient(
        &self,
        index: usize,
        _: &Context,
        _: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    ) {
        let product = |at: usize| {
            let others = pass.x.iter().enumerate().filter(|(other, _)| *other != index);
            others.fold(pass.dy[at], |product, (_, x)| product * x[at])
        };
        deliver_each(dx, deliver, (0..pass.dy.len()).map(product));
    }
}

/// Inputs side by side along one axis; the gradient is cut into the same pieces.
pub struct Concatenate {
    /// For each input, the floats that lie together in it: those of the axis and all axes after it.
    pub pieces: Vec<usize>,
}

impl Concatenate {
    fn start(&self, index: usize) -> usize {
        self.pieces[..index].iter().sum()
    }

    fn row(&self) -> usize {
        self.pieces.iter().sum()
    }
}

impl Layer for Concatenate {
    fn forward(&self, _: &Context, _: &Packed, x: &[&[f32]], y: &mut [f32], _: &mut Memo, _: &mut Scratch) {
        for (index, (x, &piece)) in x.iter().zip(&self.pieces).enumerate() {
            let start = self.start(index);
            for (y, x) in y.chunks_exact_mut(self.row()).zip(x.chunks_exact(piece)) {
                y[start..start + piece].copy_from_slice(x);
            }
        }
    }

    fn input_gradient(
        &self,
        index: usize,
        _: &Context,
        _: &Packed,
        pass: &mut Backward,
        dx: &mut [f32],
        deliver: Deliver,
    ) {
        let (start, piece) = (self.start(index), self.pieces[index]);
        for (dx, dy) in dx.chunks_exact_mut(piece).zip(pass.dy.chunks_exact(self.row())) {
            deliver_each(dx, deliver, dy[start..start + piece].iter().copied());
        }
    }
}
