import { formatDecimal, formatQuantity } from '../_ticks.js';
import { element } from './element.js';

interface Axis {
  readonly title: string;
  readonly format: (share: number) => string;
}

interface Series {
  readonly name: string;
  readonly colour: string;
  /** Places on the plot; a band has two heights. */
  readonly points: readonly { readonly x: number; readonly ys: readonly number[] }[];
}

/**
 * The values of a plot under the pointer, or by the arrow keys. They are read back from the drawing: a path is exact to a hundredth
 * of a pixel, which is finer than the digits that are shown.
 */
export function readCurves(panel: SVGGElement): void {
  const svg = panel.ownerSVGElement!;
  const width = Number(panel.dataset.width);
  const height = Number(panel.dataset.height);
  const x = readAxis(panel, 'x');
  const y = readAxis(panel, 'y');
  const series = readSeries(panel);
  const stops = [...new Set(series.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  if (stops.length === 0) return;

  // Over the plot lies one element that takes the pointer and the keys: what is inside an image is not there for a screen reader.
  const holder = svg.closest('.plot') ?? element('div', { class: 'plot' });
  if (!holder.contains(svg)) svg.replaceWith(holder);
  const line = element('div', { class: 'hair' });
  const words = element('div', { class: 'values', hidden: true });
  const reader = element(
    'div',
    {
      class: 'reader',
      role: 'slider',
      tabindex: 0,
      'aria-label': `${svg.getAttribute('aria-label')}: values${x.title === '' ? '' : ` by ${x.title}`}`,
      'aria-valuemin': 0,
      'aria-valuemax': stops.length - 1,
      'aria-valuenow': 0,
    },
    line,
    words,
  );
  if (!holder.contains(svg)) holder.append(svg);
  holder.append(reader);
  const box = svg.viewBox.baseVal;
  const [left, top] = placeOf(panel, svg);
  reader.style.cssText = `left:${(100 * left) / box.width}%;top:${(100 * top) / box.height}%;width:${(100 * width) / box.width}%;height:${(100 * height) / box.height}%`;

  let at = 0;
  const show = (stop: number) => {
    at = Math.max(0, Math.min(stops.length - 1, stop));
    const place = stops[at]!;
    const found = series.flatMap((entry) => {
      const point = nearest(entry.points, place);
      if (point === undefined) return [];
      // A curve with fewer points may have its nearest one elsewhere.
      const elsewhere = Math.abs(point.x - place) > 2 ? ` (at ${x.format(point.x / width)})` : '';
      return [{ ...entry, text: `${readValue(y, entry, point, height)}${elsewhere}` }];
    });
    const where = x.format(place / width);
    const rows = found.map(({ name, colour, text }) =>
      element(
        'div',
        {},
        element('i', { style: `background:${colour}` }),
        text === '' ? name : `${name} `,
        element('b', {}, text),
      ),
    );
    words.replaceChildren(element('div', { class: 'where' }, `${x.title} ${where}`.trim()), ...rows);
    const said = found.map(({ name, text }) => `${name} ${text}`.trim()).join(', ');
    reader.setAttribute('aria-valuenow', String(at));
    reader.setAttribute('aria-valuetext', `${x.title} ${where}: ${said}`);
    line.style.left = `${(100 * place) / width}%`;
    line.hidden = false;
    words.hidden = false;
    // To the right of the line; to its left where that would leave the page; on a phone wherever there is room.
    const area = reader.getBoundingClientRect();
    const right = document.documentElement.clientWidth - words.offsetWidth - area.left - 4;
    const beside = (place / width) * area.width + 10;
    const left = beside > right ? beside - words.offsetWidth - 20 : beside;
    words.style.left = `${Math.min(Math.max(left, 4 - area.left), right)}px`;
  };
  const hide = () => {
    line.hidden = true;
    words.hidden = true;
  };
  hide();
  reader.setAttribute('aria-valuetext', `${stops.length} values; the arrow keys read them`);
  const point = (event: PointerEvent) => {
    const area = reader.getBoundingClientRect();
    const place = ((event.clientX - area.left) / area.width) * width;
    let best = 0;
    stops.forEach((stop, index) => {
      if (Math.abs(stop - place) < Math.abs(stops[best]! - place)) best = index;
    });
    show(best);
  };
  reader.addEventListener('pointermove', point);
  reader.addEventListener('pointerdown', point);
  reader.addEventListener('pointerleave', hide);
  reader.addEventListener('blur', hide);
  reader.addEventListener('keydown', (event) => {
    const page = Math.max(1, Math.round(stops.length / 10));
    const to = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: words.hidden ? at : at + 1,
      ArrowUp: words.hidden ? at : at + 1,
      PageDown: at - page,
      PageUp: at + page,
      Home: 0,
      End: stops.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      show(to);
    } else if (event.key === 'Escape') hide();
  });
}

/** Upper left corner of an element in the coordinates of its SVG; its groups only move. */
function placeOf(inner: Element, svg: SVGSVGElement): [number, number] {
  const sum: [number, number] = [0, 0];
  for (let group: Element = inner; group !== svg; group = group.parentElement!) {
    const [, left, top] =
      /translate\(([-\d.]+),([-\d.]+)\)/.exec(group.getAttribute('transform') ?? '') ?? [];
    sum[0] += Number(left ?? 0);
    sum[1] += Number(top ?? 0);
  }
  return sum;
}

function readAxis(panel: SVGGElement, name: 'x' | 'y'): Axis {
  const [scale, from, to] = panel.dataset[name]!.split(' ');
  const [low, high] = [Number(from), Number(to)];
  const title = panel.dataset[`${name}Title`]!.replace(/ \(log\)$/, '');
  if (scale === 'log') return { title, format: (share) => formatQuantity(low * (high / low) ** share) };
  // A three-hundredth of the axis is about as fine as the eye.
  const decimals = Math.max(0, Math.floor(-Math.log10((high - low) / 300)));
  const format = (share: number) => {
    const value = low + (high - low) * share;
    return decimals > 4 ? formatQuantity(value) : formatDecimal(value, decimals);
  };
  return { title, format };
}

function readSeries(panel: SVGGElement): Series[] {
  const kinds = ['.viz-line', '.viz-band', '.viz-dots'];
  const drawings = kinds.flatMap((kind) => [...panel.querySelectorAll<SVGElement>(kind)]);
  return drawings.flatMap((drawn) => {
    const { name } = drawn.dataset;
    if (name === undefined) return [];
    const colour = drawn.getAttribute(drawn.classList.contains('viz-line') ? 'stroke' : 'fill')!;
    if (drawn.classList.contains('viz-dots')) {
      const points = [...drawn.querySelectorAll('circle')].map((circle) => ({
        x: circle.cx.baseVal.value,
        ys: [circle.cy.baseVal.value],
      }));
      return [{ name, colour, points }];
    }
    const stretches = drawn.getAttribute('d')!.split('M').slice(1);
    const points = stretches.flatMap((stretch) => {
      const places = stretch
        .replace('Z', '')
        .split('L')
        .map((place) => place.split(',').map(Number) as [number, number]);
      if (drawn.classList.contains('viz-line')) return places.map(([x, y]) => ({ x, ys: [y] }));
      // Above from left to right, then below from right to left.
      const half = places.length / 2;
      return places.slice(0, half).map(([x, y], at) => ({ x, ys: [places[places.length - 1 - at]![1], y] }));
    });
    return [{ name, colour, points }];
  });
}

/** The point of a series that belongs to a place: the nearest, if it is not further away than half the way to its neighbour. */
function nearest<Point extends { readonly x: number }>(
  points: readonly Point[],
  place: number,
): Point | undefined {
  let best = 0;
  points.forEach((point, index) => {
    if (Math.abs(point.x - place) < Math.abs(points[best]!.x - place)) best = index;
  });
  const distance = Math.abs(points[best]!.x - place);
  const gapTo = (index: number) => Math.abs((points[index]?.x ?? Number.POSITIVE_INFINITY) - points[best]!.x);
  return distance <= Math.max(3, Math.min(gapTo(best - 1), gapTo(best + 1), 1e9) / 2) ||
    (points.length === 1 && distance < 3)
    ? points[best]
    : undefined;
}

/** On an axis without a title the height means nothing: then the place is the value. */
function readValue(y: Axis, { points }: Series, { x, ys }: Series['points'][number], height: number): string {
  if (y.title !== '') return ys.map((place) => y.format(1 - place / height)).join(' to ');
  const same = points.filter((point) => point.x === x).length;
  return same > 1 ? `× ${same}` : '';
}
