//! Batch norm, global average, dense layer and loss. The norm commutes with the average.

use super::maths::{exp, ln};
use super::stage::Affine;
use crate::simd::{Element, LANES, Simd};

kernel! {
    /// features[image][channel] = mean over the pixels of a dense map
    pub fn average_pool<'a, S, T: Element>(s, pixels: usize, channels: usize, map: &'a [T], features: &'a mut [f32]) {
        assert!(channels.is_multiple_of(LANES) && map.len() == features.len() * pixels);
        let share = s.splat(1.0 / pixels as f32);
        for image in 0..features.len() / channels {
            for k in (0..channels).step_by(LANES) {
                // SAFETY: the lengths were checked above.
                unsafe {
                    let mut sum = s.zero();
                    for pixel in 0..pixels {
                        sum = s.add(sum, T::load(s, map.as_ptr().add((image * pixels + pixel) * channels + k)));
                    }
                    s.store(features.as_mut_ptr().add(image * channels + k), s.mul(sum, share));
                }
            }
        }
    }
}

kernel! {
    /// logits[image][class] = norm(features[image]) . weights[class] + bias[class]
    pub fn dense<'a, S>(s, features: &'a [f32], norm: Affine<'a>, weights: &'a [f32], bias: &'a [f32], logits: &'a mut [f32]) {
        let (channels, classes) = (norm.mean.len(), bias.len());
        assert!(channels.is_multiple_of(LANES) && norm.scale.len() == channels && norm.shift.len() == channels);
        assert!(weights.len() >= classes * channels && features.len() * classes == logits.len() * channels);
        for (image, logits) in logits.chunks_exact_mut(classes).enumerate() {
            for (class, logit) in logits.iter_mut().enumerate() {
                let mut sum = s.zero();
                for k in (0..channels).step_by(LANES) {
                    // SAFETY: the lengths were checked above.
                    unsafe {
                        let f = s.sub(s.load(features.as_ptr().add(image * channels + k)), s.load(norm.mean.as_ptr().add(k)));
                        let f = s.fma(f, s.load(norm.scale.as_ptr().add(k)), s.load(norm.shift.as_ptr().add(k)));
                        sum = s.fma(f, s.load(weights.as_ptr().add(class * channels + k)), sum);
                    }
                }
                let mut lanes = [0f32; LANES];
                // SAFETY: the array holds sixteen floats.
                unsafe { s.store(lanes.as_mut_ptr(), sum) };
                *logit = lanes.iter().sum::<f32>() + bias[class];
            }
        }
    }
}

/// Mean over the images of the cross-entropy of softmax(logits) with the targets; `gradient` is that of the logits.
pub fn softmax_cross_entropy(classes: usize, logits: &[f32], targets: &[f32], gradient: &mut [f32]) -> f32 {
    assert!(logits.len() == targets.len() && logits.len() == gradient.len());
    let images = logits.len() / classes;
    let mut loss = 0.0;
    let mut exps = vec![0.0; classes];
    for image in 0..images {
        let range = image * classes..(image + 1) * classes;
        let (l, t, g) = (&logits[range.clone()], &targets[range.clone()], &mut gradient[range]);
        let largest = l.iter().copied().fold(f32::NEG_INFINITY, f32::max) as f64;
        for (e, l) in exps.iter_mut().zip(l) {
            *e = exp(*l as f64 - largest);
        }
        let sum: f64 = exps.iter().sum();
        let log_sum = ln(sum);
        let weight: f64 = t.iter().map(|t| *t as f64).sum();
        for k in 0..classes {
            if t[k] != 0.0 {
                loss -= t[k] as f64 * (l[k] as f64 - largest - log_sum);
            }
            g[k] = ((exps[k] / sum * weight - t[k] as f64) / images as f64) as f32;
        }
    }
    (loss / images as f64) as f32
}

pub struct HeadGradient<'a, T> {
    pub pixels: usize,
    pub features: &'a [f32],
    pub norm: Affine<'a>,
    pub weights: &'a [f32],
    /// gradient of the logits, [image][class]
    pub logits: &'a [f32],
    /// += [class][channel]
    pub weight_gradient: &'a mut [f32],
    /// += [class]
    pub bias_gradient: &'a mut [f32],
    /// gradient of the batch norm's output, dense
    pub dh: &'a mut [T],
    /// sums of dh and of dh * (x - mean)
    pub sum: &'a mut [f64],
    pub centred_sum: &'a mut [f64],
}

kernel! {
    pub fn dense_gradient<'a, S, T: Element>(s, e: HeadGradient<'a, T>) {
        let (channels, classes) = (e.norm.mean.len(), e.bias_gradient.len());
        let images = e.logits.len() / classes;
        assert!(channels.is_multiple_of(LANES) && e.norm.scale.len() == channels && e.norm.shift.len() == channels);
        assert!(e.weights.len() >= classes * channels && e.weight_gradient.len() >= classes * channels);
        assert!(e.features.len() == images * channels && e.dh.len() == images * e.pixels * channels);
        assert!(e.sum.len() == channels && e.centred_sum.len() == channels);
        for (image, d) in e.logits.chunks_exact(classes).enumerate() {
            for (sum, d) in e.bias_gradient.iter_mut().zip(d) {
                *sum += d;
            }
            for k in (0..channels).step_by(LANES) {
                // SAFETY: the lengths were checked above.
                unsafe {
                    let centred = s.sub(s.load(e.features.as_ptr().add(image * channels + k)), s.load(e.norm.mean.as_ptr().add(k)));
                    let h = s.fma(centred, s.load(e.norm.scale.as_ptr().add(k)), s.load(e.norm.shift.as_ptr().add(k)));
                    let mut df = s.zero();
                    for (class, d) in d.iter().enumerate() {
                        let (d, at) = (s.splat(*d), class * channels + k);
                        df = s.fma(d, s.load(e.weights.as_ptr().add(at)), df);
                        let to = e.weight_gradient.as_mut_ptr().add(at);
                        s.store(to, s.fma(d, h, s.load(to)));
                    }
                    let (mut sums, mut products) = ([0f32; LANES], [0f32; LANES]);
                    s.store(sums.as_mut_ptr(), df);
                    s.store(products.as_mut_ptr(), s.mul(df, centred));
                    for i in 0..LANES {
                        e.sum[k + i] += sums[i] as f64;
                        e.centred_sum[k + i] += products[i] as f64;
                    }
                    let each = s.mul(df, s.splat(1.0 / e.pixels as f32));
                    for pixel in 0..e.pixels {
                        T::store(s, e.dh.as_mut_ptr().add((image * e.pixels + pixel) * channels + k), each);
                    }
                }
            }
        }
    }
}
