/** A place on an axis and what is written there; an empty label draws the tick only. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

export interface AxisRange {
  readonly domain: readonly [low: number, high: number];
  readonly ticks: readonly Tick[];
}

const MINUS = '−';
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Steps of 1, 2 or 5 times a power of ten, about `count` of them. `step` is given for data that come in whole units. */
export function linearTicks(
  low: number,
  high: number,
  options: {
    count?: number;
    minimumStep?: number;
    extend?: boolean;
    format?: (value: number) => string;
  } = {},
): AxisRange {
  const { count = 5, minimumStep = 0, extend = true } = options;
  let [from, to] = [low, high];
  // Values that differ by rounding only are one value.
  if (to - from <= Math.max(1e-9 * Math.max(Math.abs(from), Math.abs(to)), 1e-290)) {
    const room = Math.max(Math.abs(from), Math.abs(to)) * 0.1;
    from -= room > 1e-290 ? room : 1;
    to += room > 1e-290 ? room : 1;
  }
  const rough = Math.max((to - from) / count, minimumStep);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999999) ?? 10);
  const first = (extend ? Math.floor : Math.ceil)(from / step + (extend ? 1e-9 : -1e-9));
  const last = (extend ? Math.ceil : Math.floor)(to / step + (extend ? -1e-9 : 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const format =
    options.format ?? (decimals > 8 ? formatQuantity : (value: number) => formatDecimal(value, decimals));
  const ticks: Tick[] = [];
  for (let index = first; index <= last; index++) {
    const value = Number((index * step).toPrecision(12));
    ticks.push({ value, label: format(value) });
  }
  return { domain: extend ? [ticks[0]!.value, ticks.at(-1)!.value] : [from, to], ticks };
}

/** Decades with labels; between them 2 and 5 with labels where there are fewer than three decades, else bare ticks. */
export function logTicks(low: number, high: number): AxisRange {
  let [from, to] = [low, high];
  if (from === to) {
    from /= 2;
    to *= 2;
  }
  const values: { value: number; factor: number; exponent: number }[] = [];
  for (let exponent = Math.floor(Math.log10(from)); exponent <= Math.ceil(Math.log10(to)); exponent++) {
    for (let factor = 1; factor <= 9; factor++) {
      const value = Number(`${factor}e${exponent}`);
      if (value >= from * 0.999999 && value <= to * 1.000001) values.push({ value, factor, exponent });
    }
  }
  const decades = Math.log10(to / from);
  const plain = from >= 0.9e-3 && to <= 1.1e4;
  const every = Math.ceil(decades / 9);
  const labelled = decades < 0.7 ? [1, 2, 3, 4, 5, 6, 8] : decades < 2.5 ? [1, 2, 5] : [1];
  const ticks = values.map(({ value, factor, exponent }) => {
    const shown = labelled.includes(factor) && (exponent % every === 0 || factor !== 1);
    return { value, label: shown ? (plain ? String(value) : formatPower(factor, exponent)) : '' };
  });
  return { domain: [from, to], ticks };
}

/** 12345.6 -> `12,345.6`, with a true minus sign. */
export function formatDecimal(value: number, decimals: number): string {
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  const digits = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && Number(digits.replace(/[,.]/g, '')) !== 0 ? `${MINUS}${digits}` : digits;
}

/** 0.9982 -> `99.82 %` */
export function formatPercent(share: number, decimals = 2): string {
  return `${formatDecimal(share * 100, decimals)} %`;
}

/** One notation for all ticks of a linear axis up to `high`: decimals, or powers of ten where decimals would be long. */
export function tickFormat(high: number): ((value: number) => string) | undefined {
  if (Math.abs(high) >= 0.01) return undefined;
  return (value) => {
    if (value === 0) return '0';
    const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    return formatPower(Number((value / 10 ** exponent).toPrecision(3)), exponent);
  };
}

/** Three significant digits: `0.00125`, `4×10⁻⁵`, `12,300`. */
export function formatQuantity(value: number): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-12);
  if (exponent >= -3 && exponent < 6) {
    const rounded = Number(value.toPrecision(3));
    const decimals = (String(Math.abs(rounded)).split('.')[1] ?? '').length;
    return formatDecimal(rounded, decimals);
  }
  const mantissa = Number((value / 10 ** exponent).toPrecision(3));
  return formatPower(mantissa, exponent);
}

function formatPower(factor: number, exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('');
  const power = `10${exponent < 0 ? '⁻' : ''}${digits}`;
  return factor === 1 ? power : `${String(factor).replace('-', MINUS)}×${power}`;
}
