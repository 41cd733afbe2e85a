use crate::plain::layer::*;

/// Zeros around the image; the gradient is cut out again. Shapes are [height, width, channels].
pub struct ZeroPadding2d {
    pub input: [usize; 3],
    pub output: [usize; 3],
    pub before: [usize; 2],
}

impl ZeroPadding2d {
    fn sizes(&self) -> [usize; 2] {
        [self.input.iter().product(), self.output.iter().product()]
    }

    /// For each row of the inner image: where it begins outside and how long it is, in floats.
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        let [height, width, channels] = self.input;
        let (outer, [top, left]) = (self.output[1], self.before);
        (0..height).map(move |row| (((row + top) * outer + left) * channels, width * channels))
    }
}

impl Layer for ZeroPadding2d {
    fn forward(&self, _: &Context, _: &Packed, x: &[&[f32]], y: &mut [f32], _: &mut Memo, _: &mut Scratch) {
        let [inner, outer] = self.sizes();
        y.fill(0.0);
        for (x, y) in x[0].chunks_exact(inner).zip(y.chunks_exact_mut(outer)) {
            for ((start, length), x) in self.rows().zip(x.chunks_exact(self.input[1] * self.input[2])) {
                y[start..start + length].copy_from_slice(x);
            }
        }
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
        let [inner, outer] = self.sizes();
        for (dx, dy) in dx.chunks_exact_mut(inner).zip(pass.dy.chunks_exact(outer)) {
            for ((start, length), dx) in self.rows().zip(dx.chunks_exact_mut(self.input[1] * self.input[2])) {
                deliver_each(dx, deliver, dy[start..start + length].iter().copied());
            }
        }
    }
}
