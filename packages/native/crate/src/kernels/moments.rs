use crate::simd::{Element, LANES, Simd};

/// Pixels that are summed in float32 before they go into float64.
const BLOCK: usize = 1024;

/// Count, mean and sum of squared deviations of each channel, merged in float64 (Chan, Golub & LeVeque 1983): a channel
/// whose mean is large beside its deviation loses nothing.
#[derive(Clone, Debug, Default)]
pub struct Moments {
    pub count: f64,
    pub mean: Vec<f64>,
    pub squares: Vec<f64>,
}

impl Moments {
    pub fn new(channels: usize) -> Self {
        Moments { count: 0.0, mean: vec![0.0; channels], squares: vec![0.0; channels] }
    }

    pub fn clear(&mut self) {
        self.count = 0.0;
        self.mean.fill(0.0);
        self.squares.fill(0.0);
    }

    pub fn merge(&mut self, other: &Moments) {
        for c in 0..self.mean.len() {
            merge(
                self.count,
                &mut self.mean[c],
                &mut self.squares[c],
                other.count,
                other.mean[c],
                other.squares[c],
            );
        }
        self.count += other.count;
    }
}

fn merge(
    count: f64,
    mean: &mut f64,
    squares: &mut f64,
    other_count: f64,
    other_mean: f64,
    other_squares: f64,
) {
    if other_count == 0.0 {
        return;
    }
    let delta = other_mean - *mean;
    let share = other_count / (count + other_count);
    *mean += delta * share;
    *squares += other_squares + delta * delta * count * share;
}

/// Adds a dense map [pixel][channel].
pub fn moments<S: Simd, T: Element>(s: S, channels: usize, map: &[T], into: &mut Moments) {
    for block in map.chunks(BLOCK * channels) {
        add_block(s, channels, block, into);
    }
}

kernel! {
    fn add_block<'a, S, T: Element>(s, channels: usize, map: &'a [T], into: &'a mut Moments) {
        let pixels = map.len() / channels;
        assert!(channels.is_multiple_of(LANES) && into.mean.len() == channels && into.squares.len() == channels);
        let per_pixel = s.splat(1.0 / pixels as f32);
        for k in (0..channels).step_by(LANES) {
            macro_rules! at {
                ($pixel:expr) => {
                    // SAFETY: pixel < pixels and k + 16 <= channels.
                    unsafe { T::load(s, map.as_ptr().add($pixel * channels + k)) }
                };
            }
            // Four sums at a time: the order is fixed, and one chain of additions would wait for each.
            let mut sums = [s.zero(); 4];
            for p in 0..pixels {
                sums[p % 4] = s.add(sums[p % 4], at!(p));
            }
            let centre = s.mul(s.add(s.add(sums[0], sums[1]), s.add(sums[2], sums[3])), per_pixel);
            let (mut rests, mut squares) = ([s.zero(); 4], [s.zero(); 4]);
            for p in 0..pixels {
                let d = s.sub(at!(p), centre);
                rests[p % 4] = s.add(rests[p % 4], d);
                squares[p % 4] = s.fma(d, d, squares[p % 4]);
            }
            let (mut c, mut r, mut q) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
            // SAFETY: the arrays hold sixteen floats.
            unsafe {
                s.store(c.as_mut_ptr(), centre);
                s.store(r.as_mut_ptr(), s.add(s.add(rests[0], rests[1]), s.add(rests[2], rests[3])));
                s.store(q.as_mut_ptr(), s.add(s.add(squares[0], squares[1]), s.add(squares[2], squares[3])));
            }
            for i in 0..LANES {
                let rest = r[i] as f64 / pixels as f64;
                let deviations = (q[i] as f64 - rest * r[i] as f64).max(0.0);
                let (mean, squares) = (&mut into.mean[k + i], &mut into.squares[k + i]);
                merge(into.count, mean, squares, pixels as f64, c[i] as f64 + rest, deviations);
            }
        }
        into.count += pixels as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Plain;

    /// One pass of sums of squares in float32 would leave no digit of this variance.
    #[test]
    fn a_large_mean_costs_no_digits() {
        let (channels, pixels) = (32, 3000);
        let value = |p: usize, c: usize| 30_000.0 + ((p * 7919 + c * 31) % 1000) as f32 / 512.0;
        let map: Vec<f32> = (0..pixels * channels).map(|i| value(i / channels, i % channels)).collect();
        let mut halves = [Moments::new(channels), Moments::new(channels)];
        let (first, second) = map.split_at(1100 * channels);
        moments(Plain, channels, first, &mut halves[0]);
        moments(Plain, channels, second, &mut halves[1]);
        let [mut total, rest] = halves;
        total.merge(&rest);
        for c in 0..channels {
            let values = || (0..pixels).map(|p| value(p, c) as f64);
            let mean = values().sum::<f64>() / pixels as f64;
            let squares = values().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            assert!((total.mean[c] / mean - 1.0).abs() < 1e-9, "{} {mean}", total.mean[c]);
            assert!((total.squares[c] / squares - 1.0).abs() < 1e-5, "{} {squares}", total.squares[c]);
        }
        assert_eq!(total.count, pixels as f64);
    }
}
