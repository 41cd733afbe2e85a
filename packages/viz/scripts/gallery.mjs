// Draws one figure of each kind into docs/, for the README: node packages/viz/scripts/gallery.mjs
// The data are invented or drawn here, so that it needs nothing but this package, built.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as viz from '../dist/index.js';
import { galleryFigures } from './gallery-figures.mjs';

const docs = new URL('../docs/', import.meta.url);
for (const [name, figure] of Object.entries(galleryFigures(viz))) {
  const file = fileURLToPath(new URL(`${name}.png`, docs));
  const png = await figure.toPng({ scale: 1.5 });
  writeFileSync(file, png);
  console.log(`${name}.png  ${(png.length / 1024).toFixed(0)} kB`);
}
