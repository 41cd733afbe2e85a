/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// The script of a report's page, made into src/_page-script.ts by scripts/page-script.mjs. The page can be read without it;
// whatever only a script can do is added here, so that nobody sees a button that does nothing.
import { offerColours } from './colours.js';
import { playCommittee } from './committee.js';
import { readCurves } from './curves.js';
import { sortTable } from './tables.js';

offerColours();
for (const table of document.querySelectorAll('table')) sortTable(table);
for (const panel of document.querySelectorAll<SVGGElement>('.viz-panel')) readCurves(panel);
for (const committee of document.querySelectorAll<HTMLElement>('.committee')) playCommittee(committee);
