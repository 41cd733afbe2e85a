import type { Vote } from './committee.js';

const percent = (share: number) => `${(share * 100).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1)} %`;
const best = (row: Float32Array) => row.indexOf(Math.max(...row));
const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

/** Draws the committee's vote, or its absence with a reason. */
export function showVote(vote: Vote | undefined, reason = 'Nothing to read yet.'): void {
  const answer = vote ? best(vote.mean) : undefined;
  element('digit').textContent = answer === undefined ? '?' : String(answer);
  element('bars').replaceChildren(
    ...Array.from({ length: 10 }, (_, label) => bar(label, vote?.mean[label] ?? 0, label === answer)),
  );
  element('bars').setAttribute(
    'aria-label',
    vote ? [...vote.mean].map((share, label) => `${label}: ${percent(share)}`).join(', ') : 'No votes yet',
  );
  element('members').replaceChildren(
    ...(vote?.members.map((row, index) => member(row, index, answer!)) ?? []),
  );
  if (!vote || answer === undefined) {
    element('verdict').textContent = reason;
    element('timing').textContent = '';
    return;
  }
  const agreeing = vote.members.filter((row) => best(row) === answer).length;
  const count = vote.members.length;
  const agreement =
    count === 1
      ? ''
      : agreeing === count
        ? `; all ${count} nets agree`
        : `; ${agreeing} of ${count} nets say so: they disagree`;
  element('verdict').textContent = `It is a ${answer}, ${percent(vote.mean[answer]!)} sure${agreement}.`;
  element('timing').textContent =
    `${vote.milliseconds.toFixed(0)} ms for ${count === 1 ? 'one vote' : `${count} votes`}`;
}

function bar(label: number, share: number, first: boolean): HTMLElement {
  const row = document.createElement('div');
  row.className = first ? 'bar first' : 'bar';
  const [name, track, fill, value] = ['span', 'div', 'div', 'span'].map((tag) =>
    document.createElement(tag),
  ) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  name.textContent = String(label);
  track.className = 'track';
  fill.className = 'fill';
  fill.style.width = `${share * 100}%`;
  track.append(fill);
  value.textContent = percent(share);
  row.append(name, track, value);
  return row;
}

function member(row: Float32Array, index: number, answer: number): HTMLElement {
  const item = document.createElement('li');
  const own = best(row);
  if (own !== answer) item.className = 'other';
  const digit = document.createElement('b');
  digit.textContent = String(own);
  item.append(`Net ${index + 1}: `, digit, ` ${percent(row[own]!)}`);
  return item;
}

/** Draws a [28, 28] image into a canvas of as many pixels. */
export function drawImage(canvas: HTMLCanvasElement, pixels: ArrayLike<number>): void {
  const image = new ImageData(28, 28);
  for (let i = 0; i < 784; i++) image.data.set([pixels[i]!, pixels[i]!, pixels[i]!, 255], i * 4);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}
