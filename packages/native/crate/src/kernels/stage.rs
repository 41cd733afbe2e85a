//! The passes over maps between the convolutions, sixteen or thirty-two channels at a time. Dense maps are
//! [image][y][x][channel]; padded maps are laid out by `Geometry`. Channels are a multiple of 16.

use super::Geometry;
use crate::simd::{Element, LANES, Simd};

/// Calls a function generic over the vectors in flight for every two vectors of channels, and for one that is left over.
macro_rules! for_channels {
    ($channels:expr, $k:ident, $function:ident::<$($types:ty),+>($($arguments:expr),+)) => {{
        let mut $k = 0;
        while $k < $channels {
            if $k + 2 * LANES <= $channels {
                $function::<$($types),+, 2>($($arguments),+);
                $k += 2 * LANES;
            } else {
                $function::<$($types),+, 1>($($arguments),+);
                $k += LANES;
            }
        }
    }};
}

/// `(x - mean) * scale + shift`, by channel. Subtracting first keeps the digits of a channel whose mean is large.
#[derive(Clone, Copy)]
pub struct Affine<'a> {
    pub mean: &'a [f32],
    pub scale: &'a [f32],
    pub shift: &'a [f32],
}

/// Max pooling with windows of two by two and a stride of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    None,
    /// An odd last row or column is dropped.
    Floor,
    /// An odd last row or column is pooled alone.
    Ceil,
}

impl Pool {
    /// Height or width of the pooled map.
    pub fn size(self, size: usize) -> usize {
        match self {
            Pool::None => size,
            Pool::Floor => size / 2,
            Pool::Ceil => size.div_ceil(2),
        }
    }

    /// Masks of an output pixel and sixteen channels: without pooling, one bit "the ReLU is active"; with it, two bits
    /// of the position of the maximum and one "the ReLU is active there".
    pub fn masks(self) -> usize {
        if self == Pool::None { 1 } else { 3 }
    }
}

#[inline(always)]
unsafe fn load<S: Simd, const V: usize>(s: S, p: *const f32) -> [S::V; V] {
    let mut vectors = [s.zero(); V];
    for v in 0..V {
        // SAFETY: the caller has that many readable vectors.
        vectors[v] = unsafe { s.load(p.add(v * LANES)) };
    }
    vectors
}

/// Adds vectors of sums to float64 sums.
#[inline(always)]
fn drain<S: Simd, const V: usize>(s: S, vectors: [S::V; V], into: &mut [f64]) {
    for (v, into) in into[..V * LANES].chunks_exact_mut(LANES).enumerate() {
        let mut lanes = [0f32; LANES];
        // SAFETY: the array holds sixteen floats.
        unsafe { s.store(lanes.as_mut_ptr(), vectors[v]) };
        for (sum, lane) in into.iter_mut().zip(lanes) {
            *sum += lane as f64;
        }
    }
}

kernel! {
    /// Normalises a dense map into a padded one.
    pub fn normalise<'a, S, T: Element>(s, g: Geometry, images: usize, channels: usize, x: &'a [T], affine: Affine<'a>, h: &'a mut [T]) {
        assert!(channels.is_multiple_of(LANES) && x.len() >= g.dense(images) * channels && h.len() >= g.padded(images) * channels);
        assert!(affine.mean.len() == channels && affine.scale.len() == channels && affine.shift.len() == channels);
        // SAFETY: the lengths were checked above.
        unsafe { for_channels!(channels, k, normalise_channels::<S, T>(s, g, images, channels, k, x, affine, h)) }
    }
}

#[inline(always)]
unsafe fn normalise_channels<S: Simd, T: Element, const V: usize>(
    s: S,
    g: Geometry,
    images: usize,
    channels: usize,
    k: usize,
    x: &[T],
    affine: Affine,
    h: &mut [T],
) {
    // SAFETY: `normalise` checked the lengths, and V vectors of channels lie behind k.
    unsafe {
        let mean = load::<S, V>(s, affine.mean.as_ptr().add(k));
        let scale = load::<S, V>(s, affine.scale.as_ptr().add(k));
        let shift = load::<S, V>(s, affine.shift.as_ptr().add(k));
        let mut from = x.as_ptr().add(k);
        for image in 0..images {
            for y in 0..g.height {
                let mut to = h.as_mut_ptr().add((g.margin() + image * g.image + y * g.row) * channels + k);
                for _ in 0..g.width {
                    for v in 0..V {
                        let centred = s.sub(T::load(s, from.add(v * LANES)), mean[v]);
                        T::store(s, to.add(v * LANES), s.fma(centred, scale[v], shift[v]));
                    }
                    from = from.wrapping_add(channels);
                    to = to.wrapping_add(channels);
                }
            }
        }
    }
}

pub struct ForwardEpilogue<'a, T> {
    pub geometry: Geometry,
    pub images: usize,
    pub channels: usize,
    pub pool: Pool,
    pub bias: &'a [f32],
    /// convolution result, padded
    pub z: &'a [f32],
    /// input of the convolution, padded, where a shortcut adds it
    pub shortcut: Option<&'a [T]>,
    /// output, dense
    pub out: &'a mut [T],
    /// [output pixel][channel / 16][`Pool::masks`]; empty in evaluation, which needs none
    pub masks: &'a mut [u16],
}

kernel! {
    /// out = pool(relu(z + bias) + shortcut), and the masks for the way back
    pub fn forward_epilogue<'a, S, T: Element>(s, e: ForwardEpilogue<'a, T>) {
        let (g, channels) = (e.geometry, e.channels);
        let outputs = e.images * e.pool.size(g.height) * e.pool.size(g.width);
        let train = !e.masks.is_empty();
        assert!(channels.is_multiple_of(LANES) && e.bias.len() >= channels && e.z.len() >= g.padded(e.images) * channels);
        assert!(e.shortcut.is_none_or(|h| h.len() >= g.padded(e.images) * channels) && e.out.len() >= outputs * channels);
        assert!(!train || e.masks.len() >= outputs * channels / LANES * e.pool.masks());
        // SAFETY: the lengths were checked above.
        unsafe {
            match (e.pool, train) {
                (Pool::None, true) => forward_plain::<S, T, true>(s, e),
                (Pool::None, false) => forward_plain::<S, T, false>(s, e),
                (_, true) => forward_pooled::<S, T, true>(s, e),
                (_, false) => forward_pooled::<S, T, false>(s, e),
            }
        }
    }
}

#[inline(always)]
unsafe fn forward_plain<S: Simd, T: Element, const TRAIN: bool>(s: S, mut e: ForwardEpilogue<T>) {
    let channels = e.channels;
    // SAFETY: `forward_epilogue` checked the lengths.
    unsafe { for_channels!(channels, k, forward_plain_channels::<S, T, TRAIN>(s, &mut e, k)) }
}

#[inline(always)]
unsafe fn forward_plain_channels<S: Simd, T: Element, const TRAIN: bool, const V: usize>(
    s: S,
    e: &mut ForwardEpilogue<T>,
    k: usize,
) {
    let (g, channels) = (e.geometry, e.channels);
    // SAFETY: `forward_epilogue` checked the lengths, and V vectors of channels lie behind k.
    unsafe {
        let bias = load::<S, V>(s, e.bias.as_ptr().add(k));
        let mut out = e.out.as_mut_ptr().add(k);
        let mut mask = e.masks.as_mut_ptr().wrapping_add(k / LANES);
        for row in 0..e.images * g.height {
            let first = g.margin() + row / g.height * g.image + row % g.height * g.row;
            for x in 0..g.width {
                let at = (first + x) * channels + k;
                for v in 0..V {
                    let y = s.add(s.load(e.z.as_ptr().add(at + v * LANES)), bias[v]);
                    if TRAIN {
                        *mask.add(v) = s.gt(y, s.zero());
                    }
                    let mut y = s.max(y, s.zero());
                    if let Some(h) = e.shortcut {
                        y = s.add(y, T::load(s, h.as_ptr().add(at + v * LANES)));
                    }
                    T::store(s, out.add(v * LANES), y);
                }
                out = out.wrapping_add(channels);
                mask = mask.wrapping_add(channels / LANES);
            }
        }
    }
}

#[inline(always)]
unsafe fn forward_pooled<S: Simd, T: Element, const TRAIN: bool>(s: S, e: ForwardEpilogue<T>) {
    let (g, channels) = (e.geometry, e.channels);
    let (rows, columns) = (e.pool.size(g.height), e.pool.size(g.width));
    for k in (0..channels).step_by(LANES) {
        // SAFETY: `forward_epilogue` checked the lengths.
        unsafe {
            let bias = s.load(e.bias.as_ptr().add(k));
            let mut out = e.out.as_mut_ptr().add(k);
            let mut mask = e.masks.as_mut_ptr().wrapping_add(k / LANES * 3);
            for row in 0..e.images * rows {
                let y0 = row % rows * 2;
                let first = g.margin() + row / rows * g.image + y0 * g.row;
                for x0 in (0..2 * columns).step_by(2) {
                    // Not a closure: one that is called twice is not always compiled into the backend's function.
                    macro_rules! at {
                        ($j:expr) => {{
                            let at = (first + x0 + $j / 2 * g.row + $j % 2) * channels + k;
                            let y = s.add(s.load(e.z.as_ptr().add(at)), bias);
                            let active = if TRAIN { s.gt(y, s.zero()) } else { 0 };
                            let mut y = s.max(y, s.zero());
                            if let Some(h) = e.shortcut {
                                y = s.add(y, T::load(s, h.as_ptr().add(at)));
                            }
                            (y, active)
                        }};
                    }
                    let (mut best, mut active) = at!(0);
                    let (mut right, mut below) = (0u16, 0u16);
                    let whole = y0 + 1 < g.height && x0 + 1 < g.width;
                    for j in 1..4 {
                        if whole || (y0 + j / 2 < g.height && x0 + j % 2 < g.width) {
                            let (y, a) = at!(j);
                            if TRAIN {
                                let larger = s.gt(y, best);
                                right = right & !larger | if j % 2 == 1 { larger } else { 0 };
                                below = below & !larger | if j / 2 == 1 { larger } else { 0 };
                                active = active & !larger | a & larger;
                            }
                            best = s.max(y, best);
                        }
                    }
                    if TRAIN {
                        *mask = right;
                        *mask.add(1) = below;
                        *mask.add(2) = active;
                    }
                    T::store(s, out, best);
                    out = out.add(channels);
                    mask = mask.wrapping_add(channels / LANES * 3);
                }
            }
        }
    }
}

/// What leads from the gradient of a batch norm's output (`dh`) and its input x to the gradient of x:
/// `k1 * dh + k2 * (x - mean) + k3`, by channel.
#[derive(Clone, Copy)]
pub struct NormGradient<'a> {
    pub mean: &'a [f32],
    pub k1: &'a [f32],
    pub k2: &'a [f32],
    pub k3: &'a [f32],
}

impl NormGradient<'_> {
    pub(super) fn check(&self, channels: usize) {
        let long = |v: &[f32]| v.len() == channels;
        assert!(long(self.mean) && long(self.k1) && long(self.k2) && long(self.k3));
    }
}

pub struct BackwardPrologue<'a, T> {
    pub geometry: Geometry,
    pub images: usize,
    pub channels: usize,
    pub pool: Pool,
    pub next: NormGradient<'a>,
    /// gradient of the next batch norm's output, dense
    pub dh: &'a [T],
    /// this stage's output, dense
    pub out: &'a [T],
    pub masks: &'a [u16],
    /// gradient of the convolution, padded; its halo must be zero already
    pub dz: &'a mut [T],
    /// gradient that goes through the shortcut, padded; only the pixels that pooling covers are written
    pub shortcut: Option<&'a mut [f32]>,
    pub bias_gradient: &'a mut [f64],
}

kernel! {
    /// The next batch norm's gradient, un-pooled, behind the ReLU's mask; sums the bias gradient.
    pub fn backward_prologue<'a, S, T: Element>(s, e: BackwardPrologue<'a, T>) {
        let (g, channels) = (e.geometry, e.channels);
        let outputs = e.images * e.pool.size(g.height) * e.pool.size(g.width);
        assert!(channels.is_multiple_of(LANES) && e.dh.len() >= outputs * channels && e.out.len() >= outputs * channels);
        assert!(e.masks.len() >= outputs * channels / LANES * e.pool.masks() && e.dz.len() >= g.padded(e.images) * channels);
        assert!(e.shortcut.as_ref().is_none_or(|z| z.len() >= g.padded(e.images) * channels) && e.bias_gradient.len() >= channels);
        e.next.check(channels);
        let mut e = e;
        // SAFETY: the lengths were checked above.
        unsafe { for_channels!(channels, k, backward_prologue_channels::<S, T>(s, &mut e, k)) }
    }
}

#[inline(always)]
unsafe fn backward_prologue_channels<S: Simd, T: Element, const V: usize>(
    s: S,
    e: &mut BackwardPrologue<T>,
    k: usize,
) {
    let (g, channels) = (e.geometry, e.channels);
    let (rows, columns) = (e.pool.size(g.height), e.pool.size(g.width));
    let (pooled, per_pixel) = (e.pool != Pool::None, channels / LANES * e.pool.masks());
    let (dz, stride) = (e.dz.as_mut_ptr(), if pooled { 2 } else { 1 });
    let dy = e.shortcut.as_mut().map(|z| z.as_mut_ptr());
    // SAFETY: `backward_prologue` checked the lengths, and V vectors of channels lie behind k.
    unsafe {
        let (k1, k2) =
            (load::<S, V>(s, e.next.k1.as_ptr().add(k)), load::<S, V>(s, e.next.k2.as_ptr().add(k)));
        let (k3, mean) =
            (load::<S, V>(s, e.next.k3.as_ptr().add(k)), load::<S, V>(s, e.next.mean.as_ptr().add(k)));
        let mut sums = [s.zero(); V];
        for row in 0..e.images * rows {
            let y0 = row % rows * stride;
            let first = g.margin() + row / rows * g.image + y0 * g.row;
            for x in 0..columns {
                let (pixel, x0) = (row * columns + x, x * stride);
                for v in 0..V {
                    let at = pixel * channels + k + v * LANES;
                    let centred = s.sub(T::load(s, e.out.as_ptr().add(at)), mean[v]);
                    let d = s.fma(k1[v], T::load(s, e.dh.as_ptr().add(at)), s.fma(k2[v], centred, k3[v]));
                    let mask = e.masks.as_ptr().add(pixel * per_pixel + (k / LANES + v) * e.pool.masks());
                    let to = (first + x0) * channels + k + v * LANES;
                    if !pooled {
                        let active = s.keep(*mask, d);
                        sums[v] = s.add(sums[v], active);
                        T::store(s, dz.add(to), active);
                        if let Some(dy) = dy {
                            s.store(dy.add(to), d);
                        }
                        continue;
                    }
                    let (right, below, active) = (*mask, *mask.add(1), *mask.add(2));
                    sums[v] = s.add(sums[v], s.keep(active, d));
                    let windows = [!right & !below, right & !below, !right & below, right & below];
                    for (j, window) in windows.into_iter().enumerate() {
                        if y0 + j / 2 < g.height && x0 + j % 2 < g.width {
                            let to = to + (j / 2 * g.row + j % 2) * channels;
                            T::store(s, dz.add(to), s.keep(window & active, d));
                            if let Some(dy) = dy {
                                s.store(dy.add(to), s.keep(window, d));
                            }
                        }
                    }
                }
            }
        }
        drain::<S, V>(s, sums, &mut e.bias_gradient[k..]);
    }
}

pub struct BackwardEpilogue<'a, T> {
    pub geometry: Geometry,
    pub images: usize,
    pub channels: usize,
    /// input of this stage's batch norm, dense, and its mean
    pub x: &'a [T],
    pub mean: &'a [f32],
    /// gradient of the batch norm's output, padded
    pub z: &'a [f32],
    /// the same, dense
    pub dh: &'a mut [T],
    /// sums of dh and of dh * (x - mean)
    pub sum: &'a mut [f64],
    pub centred_sum: &'a mut [f64],
}

kernel! {
    /// Stores dh and sums what the batch norm's gradient needs.
    pub fn backward_epilogue<'a, S, T: Element>(s, e: BackwardEpilogue<'a, T>) {
        let (g, channels) = (e.geometry, e.channels);
        let length = g.dense(e.images) * channels;
        assert!(channels.is_multiple_of(LANES) && e.x.len() >= length && e.dh.len() >= length && e.mean.len() >= channels);
        assert!(e.z.len() >= g.padded(e.images) * channels && e.sum.len() >= channels && e.centred_sum.len() >= channels);
        let mut e = e;
        // SAFETY: the lengths were checked above.
        unsafe { for_channels!(channels, k, backward_epilogue_channels::<S, T>(s, &mut e, k)) }
    }
}

#[inline(always)]
unsafe fn backward_epilogue_channels<S: Simd, T: Element, const V: usize>(
    s: S,
    e: &mut BackwardEpilogue<T>,
    k: usize,
) {
    let (g, channels) = (e.geometry, e.channels);
    // SAFETY: `backward_epilogue` checked the lengths, and V vectors of channels lie behind k.
    unsafe {
        let mean = load::<S, V>(s, e.mean.as_ptr().add(k));
        let (mut sums, mut centred) = ([s.zero(); V], [s.zero(); V]);
        let (mut x, mut dh) = (e.x.as_ptr().add(k), e.dh.as_mut_ptr().add(k));
        for row in 0..e.images * g.height {
            let first = g.margin() + row / g.height * g.image + row % g.height * g.row;
            let mut z = e.z.as_ptr().add(first * channels + k);
            for _ in 0..g.width {
                for v in 0..V {
                    let d = s.load(z.add(v * LANES));
                    T::store(s, dh.add(v * LANES), d);
                    sums[v] = s.add(sums[v], d);
                    centred[v] = s.fma(d, s.sub(T::load(s, x.add(v * LANES)), mean[v]), centred[v]);
                }
                x = x.wrapping_add(channels);
                dh = dh.wrapping_add(channels);
                z = z.wrapping_add(channels);
            }
        }
        drain::<S, V>(s, sums, &mut e.sum[k..]);
        drain::<S, V>(s, centred, &mut e.centred_sum[k..]);
    }
}
