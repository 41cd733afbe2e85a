use crate::plain::image::{Sliding, add};
use crate::plain::layer::*;

/// The largest value of each window; the gradient goes to the first of equal ones, as in PyTorch.
pub struct MaxPooling2d {
    pub sliding: Sliding,
}

impl Layer for MaxPooling2d {
    fn forward(
        &self,
        _: &Context,
        _: &Packed,
        x: &[&[f32]],
        y: &mut [f32],
        memo: &mut Memo,
        _: &mut Scratch,
    ) {
        let (sliding, channels) = (&self.sliding, self.sliding.input[2]);
        memo.places.resize(y.len(), 0);
        let outputs = y
            .chunks_exact_mut(sliding.output_size())
            .zip(memo.places.chunks_exact_mut(sliding.output_size()));
        for (x, (y, places)) in x[0].chunks_exact(sliding.input_size()).zip(outputs) {
            let pixels = y.chunks_exact_mut(channels).zip(places.chunks_exact_mut(channels)).enumerate();
            for (pixel, (y, places)) in pixels {
                y.fill(f32::NEG_INFINITY);
                let mut first = true;
                sliding.visit(pixel, |place, at| {
                    let x = &x[at * channels..][..channels];
                    for ((best, found), &x) in y.iter_mut().zip(places.iter_mut()).zip(x) {
                        // A NaN wins, so that it shows in the loss.
                        if first || x > *best || x.is_nan() {
                            (*best, *found) = (x, place as u16);
                        }
                    }
                    first = false;
                });
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
        let (sliding, channels) = (&self.sliding, self.sliding.input[2]);
        start(dx, deliver);
        let outputs = pass
            .dy
            .chunks_exact(sliding.output_size())
            .zip(pass.memo.places.chunks_exact(sliding.output_size()));
        for (dx, (dy, places)) in dx.chunks_exact_mut(sliding.input_size()).zip(outputs) {
            for (pixel, (dy, places)) in
                dy.chunks_exact(channels).zip(places.chunks_exact(channels)).enumerate()
            {
                sliding.visit(pixel, |place, at| {
                    let dx = &mut dx[at * channels..][..channels];
                    for ((dx, dy), &found) in dx.iter_mut().zip(dy).zip(places) {
                        *dx += if found == place as u16 { *dy } else { 0.0 };
                    }
                });
            }
        }
    }
}

/// The mean of the pixels of each window that lie inside the image; the gradient is shared equally among them.
pub struct AveragePooling2d {
    pub sliding: Sliding,
    /// 1 / (places inside the image), for each output pixel.
    shares: Vec<f32>,
}

impl AveragePooling2d {
    pub fn new(sliding: Sliding) -> AveragePooling2d {
        let share = |pixel| {
            let mut count = 0;
            sliding.visit(pixel, |_, _| count += 1);
            1.0 / count as f32
        };
        AveragePooling2d { shares: (0..sliding.pixels()).map(share).collect(), sliding }
    }
}

impl Layer for AveragePooling2d {
    fn forward(&self, _: &Context, _: &Packed, x: &[&[f32]], y: &mut [f32], _: &mut Memo, _: &mut Scratch) {
        let (sliding, channels) = (&self.sliding, self.sliding.input[2]);
        y.fill(0.0);
        for (x, y) in x[0].chunks_exact(sliding.input_size()).zip(y.chunks_exact_mut(sliding.output_size())) {
            for (pixel, y) in y.chunks_exact_mut(channels).enumerate() {
                sliding.visit(pixel, |_, at| add(y, &x[at * channels..][..channels]));
                y.iter_mut().for_each(|y| *y *= self.shares[pixel]);
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
        let (sliding, channels) = (&self.sliding, self.sliding.input[2]);
        start(dx, deliver);
        for (dx, dy) in
            dx.chunks_exact_mut(sliding.input_size()).zip(pass.dy.chunks_exact(sliding.output_size()))
        {
            for (pixel, dy) in dy.chunks_exact(channels).enumerate() {
                sliding.visit(pixel, |_, at| {
                    let dx = &mut dx[at * channels..][..channels];
                    dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += dy * self.shares[pixel]);
                });
            }
        }
    }
}
