import type { ThemeName } from './figure.js';

/**
 * The accents are the Okabe-Ito palette, which people with any common colour blindness can tell apart
 * (Okabe and Ito, "Color Universal Design", 2008); the dark theme lightens them. Every colour of a theme is
 * different, so that a drawn SVG can be turned into CSS variables by its colours alone.
 */
const LIGHT = {
  paper: '#ffffff',
  ink: '#1b1f24',
  muted: '#59626d',
  grid: '#e5e8ec',
  rule: '#8d96a1',
  blue: '#0072b2',
  vermilion: '#d55e00',
  green: '#00876c',
  purple: '#b8558c',
  orange: '#b87a00',
  sky: '#3a9bdc',
  onAccent: '#1b1f25',
} as const;

const DARK: Record<Colour, string> = {
  paper: '#15181c',
  ink: '#e9ebee',
  muted: '#a5aeb9',
  grid: '#2b3138',
  rule: '#717b87',
  blue: '#55b0ee',
  vermilion: '#ff8f52',
  green: '#3fc9a0',
  purple: '#e59cc4',
  orange: '#f0bb4d',
  sky: '#93d2f8',
  onAccent: '#14171a',
};

/** A colour by its role or name; what hex value it has depends on the theme. */
export type Colour = keyof typeof LIGHT;
export type Theme = Readonly<Record<Colour, string>>;

/** In the order in which series take them. */
export const SERIES_COLOURS = ['blue', 'vermilion', 'green', 'purple', 'orange', 'sky'] as const;

/** The colours to draw with; `auto` draws in light colours, which `useCssVariables` then replaces. */
export function themeColours(name: ThemeName): Theme {
  return name === 'dark' ? DARK : LIGHT;
}

export function isDark(theme: Theme): boolean {
  return theme === DARK;
}

/** Replaces the light theme's colours in an SVG by `var(--viz-...)` with the light colour as fallback. */
export function useCssVariables(svg: string): string {
  const names = new Map(Object.entries(LIGHT).map(([name, hex]) => [hex as string, name]));
  return svg.replace(/="(#[0-9a-f]{6})"/g, (all, hex: string) => {
    const name = names.get(hex);
    return name === undefined ? all : `="var(--viz-${name}, ${hex})"`;
  });
}

/** CSS that gives the variables their values: as the reader's system is set, unless `data-theme` of the page says `light` or `dark`. */
export function themeCss(): string {
  const declare = (theme: Theme) =>
    Object.entries(theme)
      .map(([name, hex]) => `--viz-${name}:${hex}`)
      .join(';');
  return [
    `:root{color-scheme:light dark;${declare(LIGHT)}}`,
    `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${declare(DARK)}}}`,
    `:root[data-theme=dark]{color-scheme:dark;${declare(DARK)}}`,
    ':root[data-theme=light]{color-scheme:light}',
    // High values are dark in images drawn for a light page; turned round where the page is dark.
    '@media (prefers-color-scheme:dark){:root:not([data-theme=light]) .viz-ink{filter:invert(1)}}',
    ':root[data-theme=dark] .viz-ink{filter:invert(1)}',
    // Paper is white.
    `@media print{:root:root{color-scheme:light;${declare(LIGHT)}}:root:root:root .viz-ink{filter:none}}`,
  ].join('\n');
}
