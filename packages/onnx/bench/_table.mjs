const REFERENCES = ['PyTorch, default layout', 'PyTorch, best float32', 'PyTorch, best bf16'];

/** One line a contestant: milliseconds a step, images a second, ratios to PyTorch, memory. */
export function formatTable(results) {
  const speeds = new Map(results.map(({ name, imagesPerSecond }) => [name, imagesPerSecond]));
  const ratio = (speed, reference) =>
    speeds.has(reference) ? (speed / speeds.get(reference)).toFixed(2) : '-';
  const rows = results.map((result) => [
    result.name,
    result.millisecondsPerStep.map((value) => value.toFixed(1)).join(' '),
    result.imagesPerSecond.toFixed(result.imagesPerSecond < 10 ? 2 : 0),
    ...REFERENCES.map((reference) => ratio(result.imagesPerSecond, reference)),
    (result.peakBytes / 1e6).toFixed(0),
  ]);
  const header = ['', 'ms/step', 'images/s', '/ default', '/ best f32', '/ best bf16', 'peak MB'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  return [header, ...rows]
    .map((row) =>
      row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join('  '),
    )
    .join('\n');
}
