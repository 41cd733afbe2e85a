import { rasteriseWith } from './_rasteriser.js';
import { svgToPng } from './_svg-to-png.js';

// In Node, PNG files are drawn by resvg. The package's `browser` condition gives browser.ts instead of this file.
rasteriseWith(svgToPng);

export * from './_public.js';
