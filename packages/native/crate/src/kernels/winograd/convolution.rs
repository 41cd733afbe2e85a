use super::{Buffer, Clock, Geometry, POINTS, TILE, Tiles, Winograd, WinogradWeights};
use crate::kernels::{Convolution, Layer};
use crate::simd::{Element, LANES, Simd};

/// Bytes of the padded maps of a group of images, which should stay in the L2 cache.
const GROUP_BYTES: usize = 400 << 10;
/// Tiles a group has at least, where the batch has them: fewer would not amortise the weights.
const GROUP_TILES: usize = 48;
/// Tiles whose transformed maps are in flight at once: each strip reads and writes the whole kernel gradient. A multiple
/// of the rows of every backend's blocks.
const STRIP: usize = 84;

/// `Winograd` with the transformed kernel gradient of a thread.
pub struct WinogradConvolution {
    winograd: Winograd,
    gradient: Buffer<f32>,
}

pub struct PackedLayer {
    weights: WinogradWeights,
    tiles: Tiles,
}

impl<S: Simd, T: Element> Convolution<S, T> for WinogradConvolution {
    const CHANNELS: usize = S::COLUMNS * LANES;
    type Weights = PackedLayer;

    fn layer(height: usize, width: usize, inputs: usize, outputs: usize, batch: usize) -> Layer {
        let geometry = Geometry::new(height, width, TILE);
        let tiles = Tiles::new(geometry, 1).per_image();
        // Groups decide the order of sums, so they are the same for every width of a panel.
        let wide = |channels: usize| channels.next_multiple_of(2 * LANES);
        let bytes = geometry.image * (2 * wide(inputs) + wide(outputs)) * size_of::<f32>();
        let group = (GROUP_BYTES / bytes).max(GROUP_TILES.div_ceil(tiles)).min(batch);
        Layer { geometry, inputs, outputs, group }
    }

    fn weights(layer: &Layer) -> PackedLayer {
        let weights = WinogradWeights::new(layer.inputs, layer.outputs);
        PackedLayer { weights, tiles: Tiles::new(layer.geometry, layer.group) }
    }

    fn new(layers: &[Layer]) -> Self {
        let channels = layers.iter().map(|layer| layer.inputs.max(layer.outputs)).max().unwrap_or(0);
        let gradient = layers.iter().map(|layer| POINTS * layer.inputs * layer.outputs).max().unwrap_or(0);
        WinogradConvolution { winograd: Winograd::new(STRIP, channels), gradient: Buffer::new(gradient) }
    }

    fn pack(s: S, layer: &mut PackedLayer, kernel: &[f32], evaluate: bool) {
        if evaluate { layer.weights.pack_evaluation(s, kernel) } else { layer.weights.pack(s, kernel) }
    }

    fn forward(
        &mut self,
        s: S,
        layer: &Layer,
        packed: &PackedLayer,
        images: usize,
        evaluate: bool,
        h: &[T],
        z: &mut [f32],
        clock: &mut Clock,
    ) {
        let (g, PackedLayer { weights, tiles }) = (layer.geometry, packed);
        if evaluate {
            self.winograd.evaluate(s, g, tiles, images, h, weights, z, clock);
        } else {
            self.winograd.forward(s, g, tiles, images, h, weights, z, clock);
        }
    }

    fn backward(
        &mut self,
        s: S,
        layer: &Layer,
        packed: &PackedLayer,
        images: usize,
        first: bool,
        h: &mut [T],
        dz: &[T],
        z: &mut [f32],
        _kernel_gradient: &mut [f32],
        clock: &mut Clock,
    ) {
        let (g, PackedLayer { weights, tiles }) = (layer.geometry, packed);
        let gradient = &mut self.gradient[..weights.gradient_length()];
        self.winograd.backward(s, g, tiles, images, h, dz, weights, gradient, first, z, clock);
    }

    fn finish(&mut self, s: S, packed: &PackedLayer, kernel_gradient: &mut [f32]) {
        let gradient = &self.gradient[..packed.weights.gradient_length()];
        packed.weights.unpack_gradient(s, gradient, kernel_gradient);
    }
}
