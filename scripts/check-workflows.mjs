// What a release must never lose: no long-lived secret, every action pinned by hash, the least permissions, the Node floor in the tests.
//   node scripts/check-workflows.mjs      part of `pnpm lint`
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicPackages, root } from './release/commands.mjs';

const folder = join(root, '.github', 'workflows');
const wrong = [];
const expect = (holds, text) => holds || wrong.push(text);
const texts = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

for (const [name, text] of texts) {
  for (const [, action] of text.matchAll(/uses: (\S+)/g))
    expect(
      action.startsWith('./') || /@[0-9a-f]{40}$/.test(action),
      `${name}: ${action} is not pinned by the hash of a commit`,
    );
  // GitHub's own token lives as long as the job.
  for (const [, secret] of text.matchAll(/secrets\.(\w+)/g))
    expect(secret === 'GITHUB_TOKEN', `${name}: it needs the long-lived secret ${secret}`);
  expect(!/NODE_AUTH_TOKEN|NPM_TOKEN/.test(text), `${name}: it names a token of npm`);
  expect(
    /^permissions:\n {2}contents: read$/m.test(text),
    `${name}: it does not begin with read-only permissions`,
  );
}

const jobs = texts.get('release.yml').split(/\n(?= {2}\w+:\n)/);
const allowed = jobs.filter((job) => job.includes('id-token: write'));
expect(
  allowed.length === 1 && /^ {2}publish:/.test(allowed[0]) && allowed[0].includes('environment: npm'),
  'release.yml: the job `publish`, and no other, may speak for us to npm, in the environment npm',
);
const floor = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '');
expect(
  texts.get('ci.yml').includes(`'${floor}'`),
  `ci.yml: nothing is tested on Node ${floor}, which we promise`,
);
for (const { name, manifest } of publicPackages())
  expect(
    manifest.engines?.node === `>=${floor}`,
    `${name}: engines.node is ${manifest.engines?.node}, not >=${floor}`,
  );

for (const text of wrong) console.error(text);
if (wrong.length > 0) process.exitCode = 1;
else console.log(`${texts.size} workflows: pinned, without a long-lived secret, with the least permissions`);
