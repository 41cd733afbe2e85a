//! Batch normalisation (Ioffe and Szegedy, 2015) over the last axis: y = gamma (x - mean) / sqrt(variance + epsilon) + beta.
//!
//! The variance is the mean of (x - mean)^2, never E[x^2] - mean^2, which cancels where |mean| is much larger than the
//! deviation. The running variance moves towards the unbiased batch variance, as in PyTorch.

/// The layer. The batch's sums pass through the program: each slot adds its images', the program adds the slots'.
pub struct BatchNormalization {
    pub channels: usize,
    /// Values of one image and channel.
    pub pixels: usize,
    pub momentum: f64,
    pub epsilon: f64,
    pub gamma: Option<usize>,
    pub beta: Option<usize>,
    pub moving_mean: usize,
    pub moving_variance: usize,
}

/// What the batch's sums tell, one value a channel.
#[derive(Default)]
pub struct Moments {
    pub mean: Vec<f32>,
    /// 1 / sqrt(variance + epsilon)
    inverse: Vec<f64>,
    /// y = scale (x - mean) + shift
    scale: Vec<f32>,
    shift: Vec<f32>,
    /// dx = scale dy + slope (x - mean) + offset
    slope: Vec<f32>,
    offset: Vec<f32>,
}

/// Rows that are summed in float32 before the sum goes on in float64.
const ROWS: usize = 32;

/// The sums over all rows of what `term` makes of each row, in float64.
fn sum_rows(rows: usize, channels: usize, mut term: impl FnMut(usize, &mut [f32])) -> Vec<f64> {
    let mut total = vec![0f64; channels];
    let mut part = vec![0f32; channels];
    for start in (0..rows).step_by(ROWS) {
        part.fill(0.0);
        (start..rows.min(start + ROWS)).for_each(|row| term(row, &mut part));
        total.iter_mut().zip(&part).for_each(|(total, part)| *total += *part as f64);
    }
    total
}

impl BatchNormalization {
    fn row<'a>(&self, values: &'a [f32], row: usize) -> &'a [f32] {
        &values[row * self.channels..][..self.channels]
    }

    /// The sum of x.
    pub fn sum(&self, x: &[f32]) -> Vec<f64> {
        sum_rows(x.len() / self.channels, self.channels, |row, part| {
            part.iter_mut().zip(self.row(x, row)).for_each(|(part, x)| *part += x);
        })
    }

    /// The sum of (x - mean)^2.
    pub fn sum_of_squares(&self, moments: &Moments, x: &[f32]) -> Vec<f64> {
        sum_rows(x.len() / self.channels, self.channels, |row, part| {
            for ((part, x), mean) in part.iter_mut().zip(self.row(x, row)).zip(&moments.mean) {
                *part += (x - mean) * (x - mean);
            }
        })
    }

    pub fn set_mean(&self, moments: &mut Moments, sum: &[f64], images: usize) {
        let count = (images * self.pixels) as f64;
        moments.mean = sum.iter().map(|sum| (sum / count) as f32).collect();
    }

    /// Takes the variance and moves the running statistics.
    pub fn set_variance(&self, moments: &mut Moments, sum: &[f64], images: usize, tensors: &mut [Vec<f32>]) {
        let count = (images * self.pixels) as f64;
        let unbiased = if count > 1.0 { count / (count - 1.0) } else { 1.0 };
        let variance: Vec<f64> = sum.iter().map(|sum| sum / count).collect();
        let towards = |statistic: &mut Vec<f32>, value: &dyn Fn(usize) -> f64| {
            for (channel, statistic) in statistic.iter_mut().enumerate() {
                *statistic =
                    (*statistic as f64 * self.momentum + value(channel) * (1.0 - self.momentum)) as f32;
            }
        };
        towards(&mut tensors[self.moving_mean], &|channel| moments.mean[channel] as f64);
        towards(&mut tensors[self.moving_variance], &|channel| variance[channel] * unbiased);
        self.set_affine(moments, variance, tensors);
    }

    /// Takes the running statistics instead of the batch's.
    pub fn set_from_running(&self, moments: &mut Moments, tensors: &[Vec<f32>]) {
        moments.mean.clone_from(&tensors[self.moving_mean]);
        let variance = tensors[self.moving_variance].iter().map(|&variance| variance as f64).collect();
        self.set_affine(moments, variance, tensors);
    }

    fn set_affine(&self, moments: &mut Moments, variance: Vec<f64>, tensors: &[Vec<f32>]) {
        moments.inverse = variance.iter().map(|variance| 1.0 / (variance + self.epsilon).sqrt()).collect();
        let gamma = |channel: usize| self.gamma.map_or(1.0, |gamma| tensors[gamma][channel] as f64);
        moments.scale =
            moments.inverse.iter().enumerate().map(|(c, inverse)| (gamma(c) * inverse) as f32).collect();
        moments.shift = self.beta.map_or_else(|| vec![0.0; self.channels], |beta| tensors[beta].clone());
    }

    pub fn normalize(&self, moments: &Moments, x: &[f32], y: &mut [f32]) {
        for (x, y) in x.chunks_exact(self.channels).zip(y.chunks_exact_mut(self.channels)) {
            let affine = moments.scale.iter().zip(&moments.mean).zip(&moments.shift);
            for ((y, x), ((scale, mean), shift)) in y.iter_mut().zip(x).zip(affine) {
                *y = (x - mean) * scale + shift;
            }
        }
    }

    /// The sums of dy, then those of dy (x - mean).
    pub fn gradient_sums(&self, moments: &Moments, x: &[f32], dy: &[f32]) -> Vec<f64> {
        let rows = x.len() / self.channels;
        let mut sums = self.sum(dy);
        sums.extend(sum_rows(rows, self.channels, |row, part| {
            let values = self.row(x, row).iter().zip(self.row(dy, row)).zip(&moments.mean);
            part.iter_mut().zip(values).for_each(|(part, ((x, dy), mean))| *part += dy * (x - mean));
        }));
        sums
    }

    /// Takes the gradient's sums; returns those of gamma and of beta.
    ///
    /// With c = x - mean and r = 1 / sqrt(variance + epsilon): dbeta = sum dy, dgamma = r sum dy c,
    /// dx = gamma r (dy - mean(dy) - r^2 c mean(dy c)).
    pub fn set_gradient(&self, moments: &mut Moments, sums: &[f64], images: usize) -> [Vec<f32>; 2] {
        let count = (images * self.pixels) as f64;
        let (dy, product) = sums.split_at(self.channels);
        let inverse = &moments.inverse;
        moments.slope = (0..self.channels)
            .map(|c| (-moments.scale[c] as f64 * inverse[c] * inverse[c] * product[c] / count) as f32)
            .collect();
        moments.offset =
            (0..self.channels).map(|c| (-moments.scale[c] as f64 * dy[c] / count) as f32).collect();
        let gamma =
            product.iter().zip(inverse).map(|(product, inverse)| (product * inverse) as f32).collect();
        [gamma, dy.iter().map(|&dy| dy as f32).collect()]
    }

    pub fn input_gradient(&self, moments: &Moments, x: &[f32], dy: &[f32], dx: &mut [f32], add: bool) {
        let rows = x.chunks_exact(self.channels).zip(dy.chunks_exact(self.channels));
        for (dx, (x, dy)) in dx.chunks_exact_mut(self.channels).zip(rows) {
            let affine = moments.scale.iter().zip(&moments.slope).zip(&moments.offset).zip(&moments.mean);
            for ((dx, (x, dy)), (((scale, slope), offset), mean)) in
                dx.iter_mut().zip(x.iter().zip(dy)).zip(affine)
            {
                let value = scale * dy + slope * (x - mean) + offset;
                *dx = if add { *dx + value } else { value };
            }
        }
    }
}
