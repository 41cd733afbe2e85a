import { integer } from '@mnist/kit';
import {
  choiceOf,
  type MemberVotes,
  meanVote,
  mostProbable,
  tally,
  votePosition,
} from './_committee-vote.js';
import { toBase64 } from './_encode-png.js';
import { imageDataUrl } from './_image-cells.js';
import { checkImages, type GreyImage, readImages } from './_images.js';
import { check } from './_options.js';
import type { CommitteePageData } from './_page-data.js';
import { drawTable } from './_report-table.js';
import { escapeXml } from './_text.js';
import { formatPercent } from './_ticks.js';
import { type CommitteeBlock, contestedRows, readProbabilities } from './committee-block.js';
import { VizError } from './viz-error.js';

/** One image that some net gets wrong, and what the committee of all nets says about it. */
interface Contested {
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  readonly confidence: number;
  /** Nets that choose the prediction. */
  readonly supporters: number;
  readonly wrongNets: number;
  /** How much more probable the prediction is than the truth; 0 where they are the same. */
  readonly margin: number;
}

/** The block as it is read without scripts, and the data for the page's script. */
export function drawCommittee(block: CommitteeBlock, where: string): string {
  const { members, labels, images, views = [], limit = 400 } = block;
  checkImages(where, images);
  check.require(where, 'limit', limit, integer({ min: 0, max: 5000 }));
  const count = images.shape[0]!;
  if (!Array.isArray(members) || members.length === 0 || labels?.length !== count) {
    throw new VizError(
      'INVALID_DATA',
      `${where} has ${members?.length ?? 'no'} members and ${labels?.length ?? 'no'} labels for ${count} images; expected at least one member and a label for each image.`,
    );
  }
  const tables = members.map((member, index) =>
    readProbabilities(`${where}.members[${index}]`, member, count),
  );
  const { classes } = tables[0]!;
  const odd = tables.findIndex((table) => table.classes !== classes);
  if (odd >= 0) {
    throw new VizError(
      'INVALID_DATA',
      `${where}.members[${odd}] has ${tables[odd]!.classes} classes and the first ${classes}; expected as many of each.`,
    );
  }
  for (let index = 0; index < count; index++) {
    check.require(where, `labels[${index}]`, labels[index], integer({ min: 0, max: classes - 1 }));
  }
  const names = block.classNames?.map(String) ?? Array.from({ length: classes }, (_, k) => String(k));
  if (names.length !== classes) {
    throw new VizError(
      'INVALID_DATA',
      `${where} has ${names.length} classNames for ${classes} classes; expected as many of each.`,
    );
  }

  const indices = contestedRows(tables, labels);
  const probabilities = new Float32Array(indices.length * members.length * classes);
  const unsorted: MemberVotes = { probabilities, members: members.length, classes };
  indices.forEach((index, image) => {
    tables.forEach((table, member) => {
      probabilities.set(table.row(index), votePosition(unsorted, image, member));
    });
  });
  const everyone = members.map(() => true);
  const order = indices
    .map((index, image) => ({ image, ...judge(unsorted, image, index, labels[index]!, everyone) }))
    .sort((a, b) => b.margin - a.margin || b.wrongNets - a.wrongNets || a.index - b.index);
  const sorted = new Float32Array(probabilities.length);
  const size = members.length * classes;
  order.forEach(({ image }, at) => {
    sorted.set(probabilities.subarray(image * size, (image + 1) * size), at * size);
  });
  const errorsOf = tables.map(
    (_, member) => order.filter(({ image, label }) => choiceOf(unsorted, image, member) !== label).length,
  );
  const errors = order.filter(({ predicted, label }) => predicted !== label).length;

  const shown = order.slice(0, limit);
  const pictures = readImages(
    images,
    shown.map(({ index }) => index),
  );
  const strips = new Map(
    views.map(({ index, images: seen }, position) => {
      checkImages(`${where}.views[${position}]`, seen);
      const all = Array.from({ length: seen.shape[0]! }, (_, view) => view);
      return [index, readImages(seen, all)];
    }),
  );
  const data: CommitteePageData = {
    count,
    classNames: names,
    memberNames: members.map(({ name }) => String(name)),
    contested: order.map(({ index, label }) => [index, label]),
    probabilities: toBase64(littleEndian(sorted)),
  };
  const table = drawTable(
    {
      kind: 'table',
      columns: ['Net', { label: 'Accuracy, %', decimals: 2 }, 'Errors'],
      rows: members.map(({ name }, member) => [
        String(name),
        100 - (100 * errorsOf[member]!) / count,
        errorsOf[member]!,
      ]),
      caption: 'The nets',
    },
    where,
  );
  const items = shown.map((item, at) =>
    drawItem(item, pictures[at]!, strips.get(item.index), names, members.length),
  );
  const left = order.length - shown.length;
  return [
    '<div class="committee">',
    ...(block.caption === undefined ? [] : [`<p>${escapeXml(block.caption)}</p>`]),
    `<p class="tally" role="status">${tally(members.length, members.length, errors, count)}</p>`,
    table,
    `<p class="reading">The mistakes: truth → prediction; the committee's probability of its prediction; how many nets chose it; # position in the test set.${left > 0 ? ` ${left.toLocaleString('en-US')} more images that some net gets wrong are counted, but not shown.` : ''}</p>`,
    `<ul class="digits">\n${items.join('\n')}\n</ul>`,
    `<script type="application/json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`,
    '</div>',
  ].join('\n');
}

function judge(
  votes: MemberVotes,
  image: number,
  index: number,
  label: number,
  everyone: readonly boolean[],
): Contested {
  const mean = meanVote(votes, image, everyone)!;
  const predicted = mostProbable(mean);
  const choices = everyone.map((_, member) => choiceOf(votes, image, member));
  const wrongNets = choices.filter((choice) => choice !== label).length;
  const supporters = choices.filter((choice) => choice === predicted).length;
  const confidence = mean[predicted]!;
  // A mistake by the smallest margin still comes before every image that the committee gets right.
  const margin = predicted === label ? -1 : confidence - mean[label]!;
  return { index, label, predicted, confidence, supporters, wrongNets, margin };
}

function drawItem(
  { index, label, predicted, confidence, supporters }: Contested,
  picture: GreyImage,
  views: readonly GreyImage[] | undefined,
  names: readonly string[],
  members: number,
): string {
  const words = `${names[label]} → ${names[predicted]}`;
  const seen =
    views === undefined
      ? ''
      : ` data-views="${imageDataUrl(sideBySide(views), false)}" data-view-count="${views.length}"`;
  const size = `width="${picture.width}" height="${picture.height}"`;
  return [
    `<li${predicted === label ? ' hidden' : ''}${seen}>`,
    `<img class="viz-ink" src="${imageDataUrl(picture, false)}" ${size} alt="">`,
    `<b>${escapeXml(words)}</b> <span class="sure">${formatPercent(confidence, 1)}</span> `,
    `<span class="votes">${supporters} of ${members}</span> <span>#${index}</span></li>`,
  ].join('');
}

/** One picture of all views with a grey line between each two, which is smaller than a picture of each. */
function sideBySide(views: readonly GreyImage[]): GreyImage {
  const { width: each, height } = views[0]!;
  const width = (each + 1) * views.length - 1;
  const ink = new Uint8Array(width * height).fill(96);
  views.forEach((view, at) => {
    for (let y = 0; y < height; y++) {
      ink.set(view.ink.subarray(y * each, (y + 1) * each), y * width + (each + 1) * at);
    }
  });
  return { width, height, ink };
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, at) => {
    bytes.setFloat32(4 * at, value, true);
  });
  return new Uint8Array(bytes.buffer);
}
