import { readFileSync, writeFileSync } from 'node:fs';

const line = /^Size: .*$/m;
/** How far a README may be off: an update of a dependency is no reason to release ours. */
const tolerance = 0.25;

const shown = (kilobytes) =>
  kilobytes < 1000 ? `${kilobytes.toFixed(0)} kB` : `${(kilobytes / 1000).toFixed(1)} MB`;

/** The README's line of sizes: 'Size: 44 kB packed, 151 kB unpacked; the line above installs 2.1 MB.' */
export function writeSizes(readme, { packed, unpacked, megabytes }) {
  const text = readFileSync(readme, 'utf8');
  if (!line.test(text)) throw new Error("its README has no line 'Size: ...' to put the sizes into");
  const words = `Size: ${shown(packed)} packed, ${shown(unpacked)} unpacked; that line installs ${shown(megabytes * 1000)} in all.`;
  writeFileSync(readme, text.replace(line, words));
}

export function checkSizes(text, { packed, unpacked, megabytes }) {
  const said = [...(line.exec(text)?.[0] ?? '').matchAll(/([\d.]+) (kB|MB)/g)].map(
    ([, figure, unit]) => Number(figure) * (unit === 'MB' ? 1000 : 1),
  );
  const measured = [packed, unpacked, megabytes * 1000];
  if (said.length !== 3 || measured.some((value, i) => Math.abs(value / said[i] - 1) > tolerance))
    throw new Error(
      `its README says '${line.exec(text)?.[0] ?? 'no size'}'; measured: ${measured.map(shown).join(', ')}. Run: pnpm consumer-test --write-sizes`,
    );
}
