import * as tf from '@tensorflow/tfjs-layers';

/** The experiment's net by hand (design.md), so that these tests need no other package. */
export function committeeNet(
  [first, second, third]: readonly [number, number, number],
  seed = 1,
): tf.LayersModel {
  let count = seed * 1000;
  const initializer = () => tf.initializers.leCunUniform({ seed: count++ });
  const conv = (filters: number, kernelSize: number) =>
    tf.layers.conv2d({
      filters,
      kernelSize,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: initializer(),
    });
  const norm = () => tf.layers.batchNormalization({ epsilon: 1e-5, momentum: 0.9 });
  const residual = (x: tf.SymbolicTensor, width: number) => {
    const h = norm().apply(x) as tf.SymbolicTensor;
    return tf.layers.add().apply([h, conv(width, 3).apply(h) as tf.SymbolicTensor]) as tf.SymbolicTensor;
  };
  const pool = (x: tf.SymbolicTensor) =>
    tf.layers.maxPooling2d({ poolSize: 2, strides: 2, padding: 'same' }).apply(x) as tf.SymbolicTensor;
  const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor) => layer.apply(x) as tf.SymbolicTensor;

  const input = tf.input({ shape: [28, 28, 1] });
  let x = residual(apply(conv(first, 5), input), first);
  x = apply(norm(), residual(pool(x), first));
  x = residual(pool(apply(conv(second, 3), x)), second);
  x = apply(norm(), x);
  x = residual(pool(apply(conv(third, 3), x)), third);
  x = apply(norm(), x);
  x = apply(tf.layers.averagePooling2d({ poolSize: 4, strides: 4 }), x);
  x = apply(tf.layers.flatten(), x);
  const logits = apply(tf.layers.dense({ units: 10, kernelInitializer: initializer() }), x);
  return tf.model({ inputs: input, outputs: logits });
}
