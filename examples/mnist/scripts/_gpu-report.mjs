/** The report for people. */
export function toMarkdown({ machine, hardware, paths, missing, pytorch, seconds }) {
  const lines = ['# GPU check', '', machine, '', ...hardware.map((text) => `- ${text}`), ''];
  for (const path of paths) {
    lines.push(`## ${path.name}`, '', path.detail, '');
    if (path.software)
      lines.push('**A device in software: no GPU was measured; its times say nothing.**', '');
    lines.push(...conformance(path.conformance), ...training(path.training), ...memory(path.memory));
  }
  lines.push('## PyTorch', '');
  if (pytorch.missing) lines.push(pytorch.missing, '');
  else {
    const rows = pytorch.results.map(({ name, layout, batchSize, millisecondsPerStep }) => [
      `${name}, ${layout}`,
      String(batchSize),
      millisecondsPerStep.toFixed(2),
    ]);
    lines.push(`PyTorch ${pytorch.version}, TF32 off`, '', ...table(['net', 'batch', 'ms a step'], rows));
  }
  if (missing.length > 0) {
    lines.push('## Not ready', '');
    for (const { name, reason, remedy } of missing)
      lines.push(`- ${name}: ${reason}${remedy ? ` (\`${remedy}\`)` : ''}`);
    lines.push('');
  }
  lines.push(`${seconds} s in all.`, '');
  return lines.join('\n');
}

function conformance({ error, passed, failed, goldenMnist, all }) {
  if (error) return [`Conformance: ${error}`, ''];
  const total = passed + failed.length;
  const asked = total < all ? `, of ${all} in all` : '';
  const data = goldenMnist ? '' : '; MNIST_DATA_DIR is not set: without the golden training on MNIST';
  return [
    `Conformance and golden trainings: ${passed} of ${total} pass${asked}${data}.`,
    '',
    ...failed.map(({ name, reason }) => `- FAILED ${name}: ${reason}`),
    ...(failed.length > 0 ? [''] : []),
  ];
}

function training({ error, nets }) {
  if (error) return [`Training: ${error}`, ''];
  const rows = nets.map(({ name, batchSize, millisecondsPerStep }) => [
    name,
    String(batchSize),
    millisecondsPerStep.toFixed(2),
    Math.round((1000 * batchSize) / millisecondsPerStep).toLocaleString('en-US'),
  ]);
  return table(['net', 'batch', 'ms a step', 'images/s'], rows);
}

function memory({ error, nets }) {
  if (error) return [`Memory: ${error}`, ''];
  const both = ({ process, device }) => [String(process), device === undefined ? 'unknown' : String(device)];
  const rows = nets.map(({ name, steps, early, late }) => [
    name,
    `${steps / 4} and ${steps}`,
    `${both(early)[0]}, ${both(late)[0]}`,
    `${both(early)[1]}, ${both(late)[1]}`,
  ]);
  return table(['net', 'after steps', 'MB of the process', 'MB of the device'], rows);
}

function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line), ''];
}
