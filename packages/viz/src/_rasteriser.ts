/** Draws an SVG document as a PNG file. @param scale device pixels for each CSS pixel */
export type Rasteriser = (svg: string, scale: number) => Promise<Uint8Array>;

let chosen: Rasteriser | undefined;

/** Each entry of the package says how its environment draws, so that neither carries the other's way along. */
export function rasteriseWith(rasteriser: Rasteriser): void {
  chosen = rasteriser;
}

export const rasterise: Rasteriser = (svg, scale) => chosen!(svg, scale);
