import type { CommitteeBlock } from './committee-block.js';
import type { Figure } from './figure.js';

/** A number stays a number: it is written with thousands separators and aligned right. */
export type ReportCell = string | number | null;

export interface ReportColumn {
  /** With its unit. */
  readonly label: string;
  /** Default: `right` where every cell is a number or reads like one, else `left`. */
  readonly align?: 'left' | 'right';
  /** Decimals of numbers. Default: as many as the number has, at most 6. */
  readonly decimals?: number;
}

/** A piece of a report. */
export type ReportBlock =
  /** Paragraphs, separated by empty lines. Plain text: nothing in it is read as HTML or Markdown. */
  | { readonly kind: 'text'; readonly text: string }
  /** The few numbers that matter, large. */
  | { readonly kind: 'keyFigures'; readonly items: readonly KeyFigure[] }
  | { readonly kind: 'figure'; readonly figure: Figure; readonly caption?: string }
  | ReportTable
  | CommitteeBlock
  /** A command or output, in a fixed-width font; long lines scroll. */
  | { readonly kind: 'code'; readonly text: string };

export interface KeyFigure {
  readonly label: string;
  /** As it is to be read: `99.82 %`. */
  readonly value: string;
  /** n, an interval, a condition. */
  readonly detail?: string;
}

export interface ReportTable {
  readonly kind: 'table';
  readonly columns: readonly (string | ReportColumn)[];
  /** As many cells as there are columns; null leaves a dash. */
  readonly rows: readonly (readonly ReportCell[])[];
  readonly caption?: string;
}

export interface ReportSection {
  readonly heading: string;
  readonly blocks: readonly ReportBlock[];
}
