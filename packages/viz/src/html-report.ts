import { check } from './_options.js';
import { PAGE_SCRIPT, PAGE_SCRIPT_HASH } from './_page-script.js';
import { drawBlock } from './_report-blocks.js';
import { reportCss } from './_report-css.js';
import { escapeXml } from './_text.js';
import type { ReportSection } from './report-block.js';
import { VizError } from './viz-error.js';

export interface HtmlReportOptions {
  readonly title: string;
  /** A line below the title: what was run, when, on which machine. */
  readonly subtitle?: string;
  /** A warning at the top that cannot be missed, for instance `Synthetic digits: these results say nothing about MNIST.` */
  readonly notice?: string;
  readonly sections: readonly ReportSection[];
  /** The last line. */
  readonly footer?: string;
  /** BCP 47 tag of the words. Default `en`. */
  readonly language?: string;
}

/**
 * A report as ONE HTML file that works from a disk: nothing is loaded from anywhere, light or dark as the reader's system is, figures
 * laid out once for a wide page and once for a phone. Its script makes curves readable under the pointer, sorts tables and lets
 * committees play; without scripts the page shows the same content. The same content gives the same bytes.
 *
 * @returns the file's text; write it as UTF-8
 * @throws VizError `INVALID_OPTION`, `INVALID_DATA`
 */
export async function htmlReport(options: HtmlReportOptions): Promise<string> {
  check.refuseUnknown('htmlReport', options, [
    'title',
    'subtitle',
    'notice',
    'sections',
    'footer',
    'language',
  ]);
  const { title, subtitle, notice, sections, footer, language = 'en' } = options;
  if (typeof title !== 'string' || title === '') {
    throw new VizError(
      'INVALID_OPTION',
      `htmlReport: title is ${JSON.stringify(title)}; expected some words.`,
    );
  }
  if (!Array.isArray(sections)) {
    throw new VizError('INVALID_OPTION', 'htmlReport: sections is not an array of { heading, blocks }.');
  }
  const drawn: string[] = [];
  for (const [index, section] of sections.entries()) {
    const where = `htmlReport: sections[${index}]`;
    if (typeof section?.heading !== 'string' || !Array.isArray(section.blocks)) {
      throw new VizError('INVALID_DATA', `${where} is not { heading, blocks }.`);
    }
    const blocks: string[] = [];
    for (const [position, block] of section.blocks.entries()) {
      blocks.push(drawBlock(block, `${where}.blocks[${position}]`));
    }
    drawn.push(
      `<section id="section-${index + 1}">\n<h2>${escapeXml(section.heading)}</h2>\n${blocks.join('\n')}\n</section>`,
    );
  }
  const links = sections.map(
    ({ heading }, index) => `<a href="#section-${index + 1}">${escapeXml(heading)}</a>`,
  );
  const head = [
    `<h1>${escapeXml(title)}</h1>`,
    ...(subtitle === undefined ? [] : [`<p class="subtitle">${escapeXml(subtitle)}</p>`]),
    ...(notice === undefined ? [] : [`<p class="notice" role="note">${escapeXml(notice)}</p>`]),
    ...(links.length < 3 ? [] : [`<nav aria-label="Contents">${links.join('\n')}</nav>`]),
  ];
  return [
    '<!doctype html>',
    `<html lang="${escapeXml(language)}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '${PAGE_SCRIPT_HASH}'">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>\n${reportCss()}\n</style>`,
    '</head>',
    '<body>',
    `<header>\n${head.join('\n')}\n</header>`,
    `<main>\n${drawn.join('\n')}\n</main>`,
    ...(footer === undefined ? [] : [`<footer><p>${escapeXml(footer)}</p></footer>`]),
    `<script>${PAGE_SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
