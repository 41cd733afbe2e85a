import type { LayersModel } from '@tensorflow/tfjs-layers';
import { inferenceContext } from './compile-inference.js';
import { OnnxEngineError } from './errors.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { PortableLowering } from './lowering/portable-lowering.js';
import { foldNormalization } from './network/fold-normalization.js';
import { readNetwork } from './network/read-network.js';
import { writeForward } from './network/write-forward.js';
import { readWeights } from './runtime/model-weights.js';

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
 * @throws OnnxEngineError UNSUPPORTED_LAYER, UNSUPPORTED_MODEL, INVALID_OPTION
 */
export async function exportOnnx(model: LayersModel, options: ExportOnnxOptions = {}): Promise<Uint8Array> {
  const layout = requireLayout(options);
  const network = foldNormalization(readNetwork(model));
  const graph = new GraphBuilder();
  const values = new Map<string, string>();
  const weights = [...network.parameters, ...network.statistics];
  const tensors = await readWeights([...model.trainableWeights, ...model.nonTrainableWeights]);
  for (const [index, weight] of weights.entries()) {
    values.set(weight.name, graph.weights(tensors[index]!.data, weight.shape));
  }
  const lowering = new PortableLowering(graph);
  const shape = [-1, ...network.inputShape];
  const isImage = shape.length === 4;
  if (layout === 'nchw' && !isImage) {
    throw new OnnxEngineError(
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

function requireLayout(options: ExportOnnxOptions): 'nhwc' | 'nchw' {
  const { inputLayout = 'nhwc', ...unknown } = options;
  const [key] = Object.keys(unknown);
  if (key !== undefined) {
    throw new OnnxEngineError(
      'INVALID_OPTION',
      `exportOnnx: unknown option "${key}"; known options: inputLayout`,
    );
  }
  if (inputLayout !== 'nhwc' && inputLayout !== 'nchw') {
    throw new OnnxEngineError(
      'INVALID_OPTION',
      `inputLayout is ${JSON.stringify(inputLayout)}; expected 'nhwc' or 'nchw'`,
    );
  }
  return inputLayout;
}
