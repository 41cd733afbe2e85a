import { blur, enlarge, type Plane, plane, quantile, resizeByArea } from './_plane.js';
import { channelsOf, type Picture } from './picture.js';

/** The picture as light, 0 (black) to 1 (white), at the size in which ink is looked for. */
export interface Light {
  /** One plane for a grey picture, three (red, green, blue) for a coloured one. */
  readonly planes: readonly Plane[];
  /** Pixels of these planes for one pixel of the picture. */
  readonly scale: number;
  /** Standard deviation of the noise that is left, in the same unit as the light. */
  readonly noise: number;
}

/** Sides of the planes: larger pictures are shrunk, small ones enlarged. */
const LONGEST = 256;
const SHORTEST_USEFUL = 96;
/** Noise that a threshold can live with; more is blurred away, less sharply. */
const BEARABLE_NOISE = 0.02;

/** Channels as light, transparent pixels laid on paper, brought to working size, freed of most noise. */
export function readLight(picture: Picture): Light {
  const planes = splitChannels(picture);
  const longest = Math.max(picture.width, picture.height);
  if (longest < SHORTEST_USEFUL) {
    const factor = Math.ceil((1.5 * SHORTEST_USEFUL) / longest);
    const noise = Math.max(...planes.map(noiseOf));
    return {
      planes: planes.map((one) => blur(enlarge(one, factor), factor / 4)),
      scale: factor,
      noise: noise / 2,
    };
  }
  const scale = Math.min(1, LONGEST / longest);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const small = scale < 1 ? planes.map((one) => resizeByArea(one, width, height)) : planes;
  const noise = Math.max(...small.map(noiseOf));
  // A Gaussian of deviation s leaves 1 / (2 sqrt(pi) s) of white noise.
  const wanted = noise / BEARABLE_NOISE / 3.54;
  const sigma = Math.min(2.5, Math.max(0.7, wanted)) * Math.min(1, Math.max(width, height) / 250);
  return {
    planes: small.map((one) => blur(one, sigma)),
    scale,
    noise: noise / Math.max(1, 3.54 * sigma),
  };
}

function splitChannels(picture: Picture): Plane[] {
  const channels = channelsOf(picture);
  const { width, height, data } = picture;
  const count = width * height;
  const pick = (channel: number) => {
    const out = plane(width, height);
    for (let i = 0; i < count; i++) out.data[i] = data[i * channels + channel]! / 255;
    return out;
  };
  if (channels === 1) return [pick(0)];
  const colours = [pick(0), pick(1), pick(2)];
  if (channels === 4) layOnPaper(colours, data);
  const [red, green, blue] = colours as [Plane, Plane, Plane];
  const grey = red.data.every(
    (value, i) => Math.abs(value - green.data[i]!) < 0.02 && Math.abs(value - blue.data[i]!) < 0.02,
  );
  return grey ? [green] : colours;
}

/**
 * Lays transparent pixels on paper. Where what is drawn has about one colour, the shape is in the alpha channel and
 * paper of the opposite brightness shows it; otherwise the paper is drawn too, and has its middle brightness.
 */
function layOnPaper(colours: Plane[], data: Uint8Array | Uint8ClampedArray): void {
  const count = data.length / 4;
  let opaque = 0;
  for (let i = 0; i < count; i++) opaque += data[i * 4 + 3]! / 255;
  if (opaque > count - 0.5) return;
  const means: number[] = [];
  let spread = 0;
  for (const { data: values } of colours) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const weight = data[i * 4 + 3]! / 255;
      sum += weight * values[i]!;
      squares += weight * values[i]! ** 2;
    }
    const mean = sum / Math.max(opaque, 1e-6);
    means.push(mean);
    spread = Math.max(spread, Math.sqrt(Math.max(0, squares / Math.max(opaque, 1e-6) - mean ** 2)));
  }
  const brightness = means.reduce((a, b) => a + b, 0) / 3;
  const shapeIsInAlpha = spread < 0.12 && opaque < 0.7 * count;
  for (const { data: values } of colours) {
    const solid = values.filter((_, i) => data[i * 4 + 3]! > 127);
    const paper = shapeIsInAlpha || solid.length === 0 ? (brightness < 0.55 ? 1 : 0) : quantile(solid, 0.5);
    for (let i = 0; i < count; i++) {
      const alpha = data[i * 4 + 3]! / 255;
      values[i] = alpha * values[i]! + (1 - alpha) * paper;
    }
  }
}

/** Deviation of white noise: the median of a Laplacian that neither flat areas nor straight edges excite (Immerkaer 1996). */
function noiseOf({ width, height, data }: Plane): number {
  const responses = new Float32Array(Math.max(0, (width - 2) * (height - 2)));
  let at = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const cross = data[i - 1]! + data[i + 1]! + data[i - width]! + data[i + width]!;
      const corners =
        data[i - width - 1]! + data[i - width + 1]! + data[i + width - 1]! + data[i + width + 1]!;
      responses[at++] = Math.abs(4 * data[i]! - 2 * cross + corners);
    }
  }
  return responses.length > 0 ? quantile(responses, 0.5) / 0.6745 / 6 : 0;
}
