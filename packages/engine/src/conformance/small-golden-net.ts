import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';

/**
 * The net of `golden/small-training.json`: 14x14x1, the building blocks of the committee net in small
 * (5x5 convolution, residual blocks, both poolings, batch norm with PyTorch's momentum and epsilon).
 */
export function smallGoldenNet(): LayersModel {
  const image = input({ shape: [14, 14, 1] });
  const convolve = (x: SymbolicTensor, filters: number, kernelSize: number) =>
    layers.conv2d({ filters, kernelSize, padding: 'same', activation: 'relu' }).apply(x) as SymbolicTensor;
  const normalize = (x: SymbolicTensor) =>
    layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(x) as SymbolicTensor;
  const residual = (x: SymbolicTensor, filters: number) => {
    const h = normalize(x);
    return layers.add().apply([h, convolve(h, filters, 3)]) as SymbolicTensor;
  };
  const pool = (x: SymbolicTensor, padding: 'valid' | 'same') =>
    layers.maxPooling2d({ poolSize: 2, strides: 2, padding }).apply(x) as SymbolicTensor;

  let x = convolve(image, 3, 5);
  x = pool(residual(x, 3), 'valid');
  x = convolve(normalize(x), 5, 3);
  x = pool(x, 'same');
  x = normalize(residual(x, 5));
  x = layers.averagePooling2d({ poolSize: 4, strides: 4 }).apply(x) as SymbolicTensor;
  x = layers.flatten().apply(x) as SymbolicTensor;
  x = layers.dense({ units: 4 }).apply(x) as SymbolicTensor;
  return model({ inputs: image, outputs: x });
}
