import { choiceOf, meanVote, mostProbable, tally } from '../_committee-vote.js';
import type { CommitteePageData } from '../_page-data.js';
import { formatPercent } from '../_ticks.js';
import { element } from './element.js';
import { type Committee, mistakeDialog } from './mistake-dialog.js';

/** Nets that can be switched off, errors that are counted anew, and pictures that open. */
export function playCommittee(root: HTMLElement): void {
  const data = JSON.parse(root.querySelector('script')!.textContent!) as CommitteePageData;
  const members = data.memberNames.length;
  const votes = {
    probabilities: readFloats(data.probabilities),
    members,
    classes: data.classNames.length,
  };
  const committee: Committee = { data, votes, voting: data.memberNames.map(() => true) };
  const items = [...root.querySelectorAll<HTMLLIElement>('.digits li')];
  const counted = root.querySelector('.tally')!;

  const recount = () => {
    const voters = committee.voting.filter(Boolean).length;
    let errors = 0;
    data.contested.forEach(([, label], image) => {
      const mean = meanVote(votes, image, committee.voting);
      const item = items[image];
      if (mean === undefined) {
        if (item) item.hidden = true;
        return;
      }
      const predicted = mostProbable(mean);
      if (predicted !== label) errors++;
      if (item === undefined) return;
      item.hidden = predicted === label;
      const choosing = committee.voting.filter(
        (on, member) => on && choiceOf(votes, image, member) === predicted,
      );
      item.querySelector('b')!.textContent = `${data.classNames[label]} → ${data.classNames[predicted]}`;
      item.querySelector('.sure')!.textContent = formatPercent(mean[predicted]!, 1);
      item.querySelector('.votes')!.textContent = `${choosing.length} of ${voters}`;
    });
    if (voters === 0) counted.textContent = 'No net votes: switch some on.';
    else counted.innerHTML = tally(voters, members, errors, data.count);
  };

  const boxes = offerSwitches(root, committee, recount);
  const setAll = (on: boolean) => {
    committee.voting.fill(on);
    for (const box of boxes) box.checked = on;
    recount();
  };
  const all = element('button', { type: 'button' }, 'All nets');
  const none = element('button', { type: 'button' }, 'No net');
  all.addEventListener('click', () => setAll(true));
  none.addEventListener('click', () => setAll(false));
  counted.after(element('p', { class: 'tools' }, all, none));

  const open = mistakeDialog(root, committee, items);
  items.forEach((item, image) => {
    const button = element('button', { type: 'button', 'aria-haspopup': 'dialog' }, ...item.childNodes);
    button.addEventListener('click', () => open(image));
    item.append(button);
  });
}

/** A box before each net's name. The rows may be sorted later; each keeps its own. */
function offerSwitches(
  root: HTMLElement,
  { data, voting }: Committee,
  recount: () => void,
): HTMLInputElement[] {
  const rows = [...root.querySelectorAll<HTMLTableRowElement>('tbody tr')];
  return rows.map((row, member) => {
    const box = element('input', { type: 'checkbox', checked: true });
    const cell = row.cells[0]!;
    cell.replaceChildren(element('label', {}, box, ` ${data.memberNames[member]}`));
    box.addEventListener('change', () => {
      voting[member] = box.checked;
      recount();
    });
    return box;
  });
}

function readFloats(base64: string): Float32Array {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true));
}
