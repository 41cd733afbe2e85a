import { type MemberVotes, meanVote, memberVote, mostProbable } from '../_committee-vote.js';
import type { CommitteePageData } from '../_page-data.js';
import { formatPercent } from '../_ticks.js';
import { element } from './element.js';
import { sortTable } from './tables.js';

/** What is known about a committee while somebody plays with it. */
export interface Committee {
  readonly data: CommitteePageData;
  readonly votes: MemberVotes;
  /** Whether each net votes. */
  readonly voting: boolean[];
}

let dialogs = 0;

/**
 * One large picture with the committee's probabilities, every net's vote and the views that the report brought along.
 *
 * @returns opens the picture of a contested image
 */
export function mistakeDialog(
  root: HTMLElement,
  { data, votes, voting }: Committee,
  items: readonly HTMLLIElement[],
): (image: number) => void {
  const titleId = `mistake-${++dialogs}`;
  const title = element('h3', { id: titleId, tabindex: -1 });
  const content = element('div', { class: 'opened' });
  const button = (words: string, action: () => void) => {
    const made = element('button', { type: 'button' }, words);
    made.addEventListener('click', action);
    return made;
  };
  const previous = button('Previous', () => step(-1));
  const next = button('Next', () => step(1));
  const bar = element(
    'p',
    { class: 'tools' },
    previous,
    next,
    button('Close', () => dialog.close()),
  );
  const dialog = element('dialog', { 'aria-labelledby': titleId }, bar, title, content);
  root.append(dialog);
  let current = 0;

  const shown = () => items.flatMap((item, image) => (item.hidden ? [] : [image]));
  const step = (by: number) => {
    const images = shown();
    show(images[images.indexOf(current) + by] ?? current);
  };
  const show = (image: number) => {
    current = image;
    const [index, label] = data.contested[image]!;
    const names = data.classNames;
    const mean = meanVote(votes, image, voting) ?? new Float32Array(votes.classes);
    const images = shown();
    previous.disabled = images[0] === image;
    next.disabled = images.at(-1) === image;
    title.textContent = `#${index}: a ${names[label]}, read as ${names[mostProbable(mean)]}`;
    const picture = items[image]!.querySelector('img')!;
    const large = element('img', { class: 'viz-ink large', src: picture.src, alt: `Test image ${index}` });
    content.replaceChildren(large, bars(mean, label, names), ...seen(items[image]!), ballot(image, label));
    dialog.scrollTop = 0;
  };

  /** Every net's vote, those that are switched off in grey. */
  const ballot = (image: number, label: number) => {
    const rows = data.memberNames.map((name, member) => {
      const vote = memberVote(votes, image, member);
      const choice = mostProbable(vote);
      return element(
        'tr',
        { class: voting[member] ? '' : 'off' },
        element('td', {}, voting[member] ? name : `${name} (off)`),
        element(
          'td',
          { class: choice === label ? 'good' : 'bad' },
          `${data.classNames[choice]}${choice === label ? ' ✓' : ''}`,
        ),
        element('td', { class: 'right' }, formatPercent(vote[choice]!, 1)),
        element('td', { class: 'right' }, formatPercent(vote[label]!, 1)),
      );
    });
    const heads = ['Net', 'Vote', 'Probability', 'Truth'].map((words, column) =>
      element('th', { scope: 'col', class: column > 1 ? 'right' : '' }, words),
    );
    const table = element(
      'table',
      {},
      element('caption', {}, 'The nets’ votes'),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...rows),
    );
    sortTable(table);
    return element('div', { class: 'ballot' }, table);
  };

  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  });
  // A press beside the dialog, on its backdrop, closes it.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  return (image) => {
    show(image);
    dialog.showModal();
    title.focus();
  };
}

/** The committee's mean probability of each class that has more than a thousandth, the greatest first. */
function bars(mean: Float32Array, label: number, names: readonly string[]): HTMLElement {
  const classes = [...mean.keys()]
    .filter((k) => mean[k]! >= 0.001 || k === label)
    .sort((a, b) => mean[b]! - mean[a]!);
  const rows = classes.map((k) =>
    element(
      'li',
      { class: k === label ? 'good' : 'bad' },
      element('span', {}, `${names[k]}${k === label ? ' (truth)' : ''}`),
      element('span', { class: 'bar' }, element('i', { style: `width:${100 * mean[k]!}%` })),
      element('span', {}, formatPercent(mean[k]!, 1)),
    ),
  );
  return element(
    'div',
    { class: 'bars' },
    element('p', {}, 'The committee’s probabilities'),
    element('ul', {}, ...rows),
  );
}

function seen(item: HTMLElement): HTMLElement[] {
  const { views, viewCount } = item.dataset;
  if (views === undefined) return [];
  const strip = element('img', {
    class: 'viz-ink',
    src: views,
    alt: `${viewCount} augmented views of this image`,
  });
  return [element('div', { class: 'seen' }, element('p', {}, 'As augmentation distorts it'), strip)];
}
