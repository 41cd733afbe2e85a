import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PAGE_SCRIPT_HASH } from '../src/_page-script.js';
import { htmlReport } from '../src/html-report.js';
import { terminalOptions } from '../src/terminal-options.js';
import { sampleFigures } from './_samples.js';

const figures = sampleFigures();

describe('htmlReport', () => {
  it('is one file: no script but its own, no addresses, no markup from the data', async () => {
    const html = await htmlReport({
      title: 'A <b>committee</b>',
      subtitle: '"35" nets & more',
      notice: 'Synthetic digits: these results say nothing about MNIST.',
      sections: [
        {
          heading: '<script>alert(1)</script>',
          blocks: [
            { kind: 'text', text: 'One <i>paragraph</i>.\n\nAnother.' },
            { kind: 'figure', figure: figures['image-grid']!, caption: '<img src=x onerror=alert(1)>' },
            { kind: 'figure', figure: figures['loss-plot']! },
            { kind: 'keyFigures', items: [{ label: 'a', value: '99.82 %', detail: 'n = 10,000 <x>' }] },
            { kind: 'code', text: 'npx <x>' },
          ],
        },
      ],
      footer: 'the end',
    });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain(`script-src '${PAGE_SCRIPT_HASH}'`);
    const script = html.match(/<script>(.*?)<\/script>/s)![1]!;
    expect(`sha256-${createHash('sha256').update(script).digest('base64')}`).toBe(PAGE_SCRIPT_HASH);
    expect(html.replace(script, '').replace('<script>', '')).not.toMatch(
      /<script|<img|<b>|<i>|<x>|<link|@import|url\(/,
    );
    const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address!);
    for (const address of addresses) expect(address).toMatch(/^(#section-\d+|data:image\/png;base64,)/);
    expect(html.match(/<p>/g)).toHaveLength(3);
    expect(html).toContain('role="note">Synthetic digits');
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html.match(/<svg /g)).toHaveLength(4);
  });

  it('aligns numbers right and writes them alike', async () => {
    const html = await htmlReport({
      title: 'Table',
      sections: [
        {
          heading: 'Numbers',
          blocks: [
            {
              kind: 'table',
              caption: 'Committees',
              columns: [
                'Name',
                'Images',
                { label: 'Accuracy (%)', decimals: 2 },
                'Interval',
                { label: 'Note', align: 'right' },
              ],
              rows: [
                ['one', 10_000, 99.7, '99.62 – 99.83', 'x'],
                ['many', null, Number.NaN, '−0.5 ± 0.1', 'y'],
              ],
            },
          ],
        },
      ],
    });
    const row = html.match(/<tr><td>one<\/td>.*<\/tr>/)![0];
    expect(row).toBe(
      '<tr><td>one</td><td class="right">10,000</td><td class="right">99.70</td><td class="right">99.62 – 99.83</td><td class="right">x</td></tr>',
    );
    expect(html).toContain('<td>many</td><td class="right">–</td><td class="right">NaN</td>');
  });

  it.each([
    [{ title: '', sections: [] }, /title is ""; expected some words/],
    [{ title: 'x' }, /sections is not an array/],
    [{ title: 'x', sections: [], theme: 'dark' }, /unknown option "theme"/],
    [
      { title: 'x', sections: [{ heading: 'h', blocks: [{ kind: 'video' }] }] },
      /sections\[0\].blocks\[0\] has the kind "video"/,
    ],
    [
      { title: 'x', sections: [{ heading: 'h', blocks: [{ kind: 'figure', figure: {} }] }] },
      /blocks\[0\].figure is not a figure/,
    ],
    [
      {
        title: 'x',
        sections: [{ heading: 'h', blocks: [{ kind: 'table', columns: ['a', 'b'], rows: [[1]] }] }],
      },
      /rows\[0\] has 1 cells; expected 2/,
    ],
  ])('refuses bad input %#', async (options, message) => {
    await expect(htmlReport(options as never)).rejects.toThrow(message);
  });
});

describe('terminalOptions', () => {
  const tty = (depth: number, columns = 100) => ({ isTTY: true, columns, getColorDepth: () => depth });
  it.each([
    [
      { stream: tty(24), env: { LANG: 'en_GB.UTF-8' }, platform: 'linux' },
      { columns: 100, colour: 'truecolour', characters: 'unicode' },
    ],
    [
      { stream: tty(8, 0), env: { LC_ALL: 'C' }, platform: 'linux' },
      { columns: 80, colour: 'ansi256', characters: 'ascii' },
    ],
    [
      { stream: tty(4, 7), env: { TERM: 'dumb' }, platform: 'darwin' },
      { columns: 20, colour: 'none', characters: 'ascii' },
    ],
    [
      { stream: { isTTY: false }, env: {}, platform: 'darwin' },
      { columns: 80, colour: 'none', characters: 'unicode' },
    ],
    [
      { stream: tty(24), env: { WT_SESSION: '1' }, platform: 'win32' },
      { columns: 100, colour: 'truecolour', characters: 'unicode' },
    ],
    [
      { stream: tty(24), env: {}, platform: 'win32' },
      { columns: 100, colour: 'truecolour', characters: 'ascii' },
    ],
  ])('%#', (context, expected) => {
    expect(terminalOptions(context)).toEqual(expected);
  });
});
