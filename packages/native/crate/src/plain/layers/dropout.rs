use crate::plain::layer::*;

/// Inverted dropout (Srivastava et al., 2014): in training, values are 0 with probability `rate`, else divided by
/// 1 - rate. Element i of the batch is dropped by a hash of (seed, step, layer number, i), the same as in the other engines,
/// so a resumed training sees the masks that it would have seen.
pub struct Dropout {
    pub rate: f64,
    pub number: u32,
    /// Values of one image.
    pub size: usize,
    pub in_place: bool,
}

impl Dropout {
    fn mask(&self, context: &Context, first: usize) -> impl Iterator<Item = f32> + use<> {
        const GOLDEN: u32 = 0x9e37_79b1;
        let kept = (1.0 / (1.0 - self.rate)) as f32;
        let threshold = self.rate * 4_294_967_296.0;
        let key = mix(mix(context.seed) ^ context.step) ^ (self.number.wrapping_add(1)).wrapping_mul(GOLDEN);
        let (stream, begin) = (mix(key), (first * self.size) as u32);
        (0u32..).map(move |index| {
            let hash = mix(stream.wrapping_add(begin.wrapping_add(index).wrapping_mul(GOLDEN)));
            if (hash as f64) < threshold { 0.0 } else { kept }
        })
    }
}

/// A bijection of 32-bit integers that scatters its bits (lowbias32, Chris Wellons, 'Prospecting for hash functions').
fn mix(value: u32) -> u32 {
    let x = (value ^ (value >> 16)).wrapping_mul(0x7feb_352d);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

impl Layer for Dropout {
    fn in_place(&self) -> bool {
        self.in_place
    }

    fn forward(
        &self,
        context: &Context,
        _: &Packed,
        x: &[&[f32]],
        y: &mut [f32],
        memo: &mut Memo,
        _: &mut Scratch,
    ) {
        if !self.in_place {
            y.copy_from_slice(x[0]);
        }
        if context.training {
            y.iter_mut().zip(self.mask(context, memo.first)).for_each(|(y, mask)| *y *= mask);
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
        let mask = self.mask(context, pass.memo.first);
        if self.in_place {
            return dx.iter_mut().zip(mask).for_each(|(dx, mask)| *dx *= mask);
        }
        deliver_each(dx, deliver, mask.zip(pass.dy).map(|(mask, dy)| mask * dy));
    }
}
