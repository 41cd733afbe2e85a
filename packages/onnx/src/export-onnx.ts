import { EngineError, engineOptions } from '@mnist/engine';
import { oneOf } from '@mnist/kit';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { inferenceContext } from './compile-inference.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { PortableLowering } from './lowering/portable-lowering.js';
import { foldNormalization } from './network/fold-normalization.js';
import { readFusedNetwork } from './network/read-fused-network.js';
import { writeForward } from './network/write-forward.js';

export interface ExportOnnxOptions {
  /**
   * Memory order of the `images` input: 'nhwc' [batch, height, width, channels] as in TensorFlow.js (default), or 'nchw'
   * [batch, channels, height, width] as most ONNX tools expect.
   */
  readonly inputLayout?: 'nhwc' | 'nchw';
}

/**
 * Writes the model's evaluation pass as a standard ONNX file (opset 17, standard operators only), for any runtime.
 *
 * Input `images`: float32, any batch size. Output `logits`: float32 [batch, ...] (whatever the model's last layer gives).
 * Batch normalisation uses the running statistics: folded into the convolution before it where that is exact, else one
 * multiplication and one addition a channel. Dropout disappears.
 *
 * @returns the bytes of the file
 * @throws EngineError UNSUPPORTED_LAYER, UNSUPPORTED_MODEL, INVALID_OPTION
 */
export async function exportOnnx(model: LayersModel, options: ExportOnnxOptions = {}): Promise<Uint8Array> {
  const { inputLayout: layout } = engineOptions.complete<Required<ExportOnnxOptions>>(
    'exportOnnx',
    options,
    { inputLayout: 'nhwc' },
    { inputLayout: oneOf('nhwc', 'nchw') },
  );
  const network = foldNormalization(readFusedNetwork(model));
  const graph = new GraphBuilder();
  const values = new Map<string, string>();
  const weights = [...network.parameters, ...network.statistics];
  const variables = [...model.trainableWeights, ...model.nonTrainableWeights];
  for (const [index, weight] of weights.entries()) {
    const data = Float32Array.from(await variables[index]!.read().data());
    values.set(weight.name, graph.weights(data, weight.shape));
  }
  const lowering = new PortableLowering(graph);
  const shape = [-1, ...network.inputShape];
  const isImage = shape.length === 4;
  if (layout === 'nchw' && !isImage) {
    throw new EngineError(
      'INVALID_OPTION',
      `inputLayout is 'nchw', but the model's input has shape [batch, ${network.inputShape.join(', ')}]; expected images`,
    );
  }
  const physical = layout === 'nchw' ? [-1, shape[3]!, shape[1]!, shape[2]!] : shape;
  const images = {
    name: graph.input('images', physical),
    shape,
    layout: layout === 'nchw' ? 'nchw' : 'plain',
  } as const;
  const { output } = writeForward(
    network,
    images,
    inferenceContext(lowering, (name) => values.get(name)!),
  );
  graph.output('logits', lowering.plain(output).name, [-1, ...network.outputShape]);
  return graph.build();
}
