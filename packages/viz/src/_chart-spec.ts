import { chartMargins } from './_chart-layout.js';
import {
  type AxisModel,
  type ChartModel,
  isDrawable,
  LABEL_SIZE,
  type Layer,
  type Panel,
  TICK_SIZE,
  unbrokenStretches,
} from './_chart-model.js';
import { FONT_STACK } from './_font.js';
import type { Theme } from './_theme.js';

type Json = Record<string, unknown>;

/** One panel as a Vega-Lite specification with every position fixed, so that nothing depends on Vega's guess of text widths. */
export function panelSpec(chart: ChartModel, panel: Panel, width: number, theme: Theme): Json {
  const margins = chartMargins(chart);
  const x = xChannel(panel.x, theme);
  const y = yChannel(panel.y, margins.left, theme);
  // An invisible first layer carries the axes, so that they do not depend on what else is drawn.
  const frame = {
    data: { values: [{}] },
    mark: { type: 'point', opacity: 0, size: 0 },
    encoding: { x: { ...x, datum: panel.x.domain[0] }, y: { ...y, datum: panel.y.domain[0] } },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: width - margins.left - margins.right,
    height: panel.height,
    padding: margins,
    autosize: { type: 'none' },
    background: null,
    config: { aria: false, font: FONT_STACK, view: { stroke: null }, customFormatTypes: false },
    layer: [frame, ...panel.layers.flatMap((layer) => layerSpecs(layer, panel, { x, y }, theme))],
    resolve: { axis: { x: 'shared', y: 'shared' } },
  };
}

function layerSpecs(layer: Layer, { x, y }: Panel, channels: { x: Json; y: Json }, theme: Theme): Json[] {
  const colour = theme[layer.colour];
  switch (layer.kind) {
    case 'line': {
      const stretches = unbrokenStretches(
        layer.points,
        (point) => isDrawable(x, point.x) && isDrawable(y, point.y),
      );
      const values = stretches.flatMap((stretch, part) => stretch.map((point) => ({ ...point, part })));
      const lonely = stretches.filter(({ length }) => length === 1).map(([point]) => point);
      const stroke = { color: colour, strokeWidth: layer.width, strokeDash: layer.dash ?? [] };
      return [
        {
          data: { values },
          mark: { type: 'line', strokeCap: 'round', strokeJoin: 'round', ...stroke },
          encoding: { ...channels, ...positions(channels), detail: { field: 'part', type: 'nominal' } },
        },
        ...(lonely.length > 0 ? [dots(lonely, Math.max(layer.width, 1.5), colour, 1, channels)] : []),
      ];
    }
    case 'band': {
      const drawable = (value: number) => isDrawable(y, value);
      const stretches = unbrokenStretches(
        layer.points,
        (point) => isDrawable(x, point.x) && drawable(point.low) && drawable(point.high),
      );
      return [
        {
          data: {
            values: stretches.flatMap((stretch, part) => stretch.map((point) => ({ ...point, part }))),
          },
          mark: { type: 'area', color: colour, fillOpacity: layer.opacity },
          encoding: {
            x: { ...channels.x, field: 'x', type: 'quantitative' },
            y: { ...channels.y, field: 'low', type: 'quantitative' },
            y2: { field: 'high' },
            detail: { field: 'part', type: 'nominal' },
          },
        },
      ];
    }
    case 'dots': {
      const values = layer.points.filter((point) => isDrawable(x, point.x) && isDrawable(y, point.y));
      return [dots(values, layer.radius, colour, layer.opacity ?? 1, channels)];
    }
    case 'rule': {
      const [channel, datum] = 'x' in layer.at ? ['x' as const, layer.at.x] : ['y' as const, layer.at.y];
      return [
        {
          data: { values: [{}] },
          mark: { type: 'rule', color: colour, strokeWidth: 1, strokeDash: layer.dash ?? [] },
          encoding: { [channel]: { ...channels[channel], datum, type: 'quantitative' } },
        },
      ];
    }
    case 'segment':
      return [
        {
          data: { values: [layer.from, layer.to] },
          mark: { type: 'line', color: colour, strokeWidth: layer.width, strokeCap: 'butt' },
          encoding: positions(channels),
        },
      ];
    case 'text':
      return [
        {
          data: { values: [{ x: layer.x, y: layer.y }] },
          mark: {
            type: 'text',
            text: layer.text,
            color: colour,
            fontSize: LABEL_SIZE,
            fontWeight: layer.bold ? 600 : 400,
            align: layer.align ?? 'left',
            baseline: layer.baseline ?? 'middle',
            dx: layer.dx ?? 0,
            dy: layer.dy ?? 0,
          },
          encoding: positions(channels),
        },
      ];
  }
}

function positions(channels: { x: Json; y: Json }): Json {
  return {
    x: { ...channels.x, field: 'x', type: 'quantitative' },
    y: { ...channels.y, field: 'y', type: 'quantitative' },
  };
}

function dots(
  values: unknown[],
  radius: number,
  colour: string,
  opacity: number,
  channels: { x: Json; y: Json },
): Json {
  return {
    data: { values },
    mark: { type: 'circle', color: colour, size: Math.PI * radius ** 2, opacity },
    encoding: positions(channels),
  };
}

function scale(axis: AxisModel): Json {
  const common = { type: axis.scale, domain: axis.domain, nice: false };
  return axis.scale === 'log' ? common : { ...common, zero: false };
}

function axisStyle(axis: AxisModel, theme: Theme): Json {
  const labels = Object.fromEntries(axis.ticks.map(({ value, label }) => [String(value), label]));
  const labelled = axis.ticks.filter(({ label }) => label !== '').map(({ value }) => value);
  return {
    values: axis.ticks.map(({ value }) => value),
    labelExpr: `${JSON.stringify(labels)}[datum.value]`,
    labelColor: theme.muted,
    labelFontSize: TICK_SIZE,
    labelLimit: 0,
    labelOverlap: false,
    labelBound: false,
    labelFlush: false,
    titleColor: theme.muted,
    titleFontSize: LABEL_SIZE,
    titleFontWeight: 400,
    titleLimit: 0,
    domainColor: theme.rule,
    tickColor: theme.rule,
    grid: axis.grid,
    gridColor: theme.grid,
    gridOpacity: {
      condition: { test: `indexof(${JSON.stringify(labelled)}, datum.value) >= 0`, value: 1 },
      value: 0,
    },
    zindex: 0,
  };
}

function xChannel(axis: AxisModel, theme: Theme): Json {
  return {
    scale: scale(axis),
    type: 'quantitative',
    axis: {
      title: axis.title,
      ...axisStyle(axis, theme),
      offset: 4,
      tickSize: 4,
      labelPadding: 4,
      titleX: 0,
      titleY: 40,
      titleAlign: 'left',
      titleAnchor: 'start',
      titleBaseline: 'bottom',
    },
  };
}

function yChannel(axis: AxisModel, left: number, theme: Theme): Json {
  return {
    scale: scale(axis),
    type: 'quantitative',
    axis: {
      title: axis.title,
      ...axisStyle(axis, theme),
      domain: false,
      ticks: false,
      labelPadding: 8,
      titleAngle: 0,
      titleX: -left,
      titleY: -12,
      titleAlign: 'left',
      titleAnchor: 'start',
      titleBaseline: 'bottom',
    },
  };
}
