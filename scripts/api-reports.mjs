// What each package exports, as one file a package entry under docs/api, so that a change of the surface shows in review.
//   node scripts/api-reports.mjs           writes them, from the built declarations
//   node scripts/api-reports.mjs viz       writes those of one package
//   node scripts/api-reports.mjs --check   fails where one is out of date, or where an exported type leaks a private one
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'docs', 'api');
const checking = process.argv.includes('--check');
const wanted = process.argv.slice(2).filter((word) => word !== '--check');
const scratch = mkdtempSync(join(tmpdir(), 'api-reports-'));
const problems = [];

/** Of the private kit, inlined into each package by design: the base of its error and what makes the codes. */
const OF_THE_KIT = ['TypedError', 'kinds', 'OptionChecks'];

/** '@mnist/engine', './conformance' -> 'engine-conformance' */
const nameOf = (manifest, entry) =>
  `${manifest.name.replace('@mnist/', '')}${entry.replace(/^\./, '').replaceAll('/', '-')}`;

function* entries() {
  for (const directory of readdirSync(join(root, 'packages')).sort()) {
    const path = join(root, 'packages', directory, 'package.json');
    if (!existsSync(path)) continue;
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    if (manifest.private || (wanted.length > 0 && !wanted.includes(directory))) continue;
    for (const [entry, conditions] of Object.entries(manifest.exports)) {
      const types = conditions.import?.types ?? conditions.types;
      if (types !== undefined) yield { name: nameOf(manifest, entry), path, types: join(path, '..', types) };
    }
  }
}

function report({ name, path, types }) {
  const found = [];
  const off = { logLevel: ExtractorLogLevel.None };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: join(path, '..'),
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(path, '..', 'tsconfig.json'), skipLibCheck: true },
      apiReport: { enabled: true, reportFolder: scratch, reportTempFolder: scratch, reportFileName: name },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: off },
        tsdocMessageReporting: { default: off },
        extractorMessageReporting: {
          default: off,
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: false },
        },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: path,
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      if (message.messageId === 'ae-forgotten-export') found.push(message.text);
      message.handled = true;
    },
  });
  return { text: readFileSync(join(scratch, `${name}.api.md`), 'utf8'), leaks: [...new Set(found)] };
}

const written = new Set();
const texts = [];
const suspected = [];
for (const entry of entries()) {
  const file = join(folder, `${entry.name}.api.md`);
  written.add(`${entry.name}.api.md`);
  const { text, leaks } = report(entry);
  for (const leak of leaks) {
    const symbol = /"(.*?)"/.exec(leak)[1];
    if (!OF_THE_KIT.includes(symbol)) suspected.push({ name: entry.name, package: entry.path, symbol });
  }
  texts.push({ package: entry.path, text });
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (before === text) continue;
  if (checking)
    problems.push(`docs/api/${entry.name}.api.md is out of date: run pnpm api and look at what changed`);
  else {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    console.log(`docs/api/${entry.name}.api.md written`);
  }
}
const strays =
  existsSync(folder) && wanted.length === 0
    ? readdirSync(folder).filter((name) => name.endsWith('.api.md') && !written.has(name))
    : [];
for (const stray of strays) {
  if (checking) problems.push(`docs/api/${stray} belongs to no package: run pnpm api`);
  else rmSync(join(folder, stray));
}
// What another entry of the same package exports is not private.
for (const { name, package: home, symbol } of suspected) {
  const exported = new RegExp(`^export .*\\b${symbol}\\b`, 'm');
  if (!texts.some((other) => other.package === home && exported.test(other.text))) {
    problems.push(`${name}: ${symbol} is part of what is exported, and not exported itself`);
  }
}
rmSync(scratch, { recursive: true });
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else
  console.log(
    `${written.size} surfaces ${checking ? 'are as docs/api says' : 'written'}, and none leaks a private type`,
  );
