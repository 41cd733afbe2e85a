import { rasteriseWith } from './_rasteriser.js';
import { svgToPngOnCanvas } from './_svg-to-png-on-canvas.js';

// Nothing that is reached from here may import a module of Node; a test bundles it and looks.
rasteriseWith(svgToPngOnCanvas);

export * from './_public.js';
