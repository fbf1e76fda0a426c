import type { BalancePoint } from '../api/bank-types.js';

/** Where a day is drawn, in pixels. */
export interface PlacedPoint extends BalancePoint {
  readonly x: number;
  readonly y: number;
}

/** A line of the grid and what it stands for. */
export interface Tick<Value> {
  readonly at: number;
  readonly value: Value;
}

/** All that the chart draws, in pixels. */
export interface ChartGeometry {
  readonly points: readonly PlacedPoint[];
  readonly line: string;
  readonly area: string;
  readonly amounts: readonly Tick<number>[];
  readonly dates: readonly Tick<string>[];
}

/** The size of the chart and of the room around what it plots, in pixels. */
export interface ChartFrame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** How many pixels a date under the chart takes. */
const dateWidth = 110;

/** Lays out a chart of at least two points. The balance holds for its whole day, so the line goes in steps. */
export function layOut(points: readonly BalancePoint[], frame: ChartFrame): ChartGeometry {
  const { width, height, left, right, top, bottom } = frame;
  const balances = points.map(({ balance }) => balance);
  const amounts = roundAmounts(Math.min(...balances), Math.max(...balances));
  const [low, high] = [amounts[0] ?? 0, amounts.at(-1) ?? 1];
  const floor = height - bottom;
  const x = (index: number): number => round(left + (index / (points.length - 1)) * (width - left - right));
  const y = (balance: number): number => round(floor - ((balance - low) / (high - low)) * (floor - top));
  const placed = points.map((point, index) => ({ ...point, x: x(index), y: y(point.balance) }));
  const line = placed.map((point, index) => (index ? `H${point.x}V${point.y}` : `M${point.x} ${point.y}`)).join('');
  const every = Math.max(1, Math.ceil(points.length / Math.max(2, Math.floor((width - left - right) / dateWidth))));
  return {
    points: placed,
    line,
    area: `${line}V${floor}H${left}Z`,
    amounts: amounts.map((value) => ({ value, at: y(value) })),
    dates: placed
      .filter((_, index) => index % every === Math.floor(every / 2))
      .map((p) => ({ value: p.date, at: p.x })),
  };
}

/** Three to six round amounts, in cents, that enclose what is between `low` and `high`. */
export function roundAmounts(low: number, high: number): readonly number[] {
  const rough = Math.max((high - low) / 4, 100);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * power).find((size) => size >= rough) ?? rough;
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

const round = (pixels: number): number => Math.round(pixels * 10) / 10;
