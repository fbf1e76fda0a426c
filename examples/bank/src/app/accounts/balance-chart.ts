import { Component, DestroyRef, ElementRef, afterNextRender, computed, inject, input, signal } from '@angular/core';
import type { BalancePoint } from '../api/bank-types.js';
import { formatDay, formatMoney, formatShortDay, formatWholeMoney } from '../ui/format.js';
import { type PlacedPoint, layOut, roundAmounts } from './chart-geometry.js';

const height = 220;
/** Half of the widest label, so that none is cut off at the edge. */
const labelHalf = 84;

/** Draws a balance over time, as wide as there is room. A screen reader gets it as a picture with a description. */
@Component({
  selector: 'bank-balance-chart',
  template: `
    <svg
      class="chart"
      role="img"
      aria-labelledby="chart-name chart-story"
      data-testid="chart"
      [attr.viewBox]="'0 0 ' + width() + ' ' + height"
      (pointermove)="point($event)"
      (pointerdown)="point($event)"
      (pointerleave)="pointed.set(undefined)"
    >
      <title id="chart-name">Balance over time</title>
      <desc id="chart-story">{{ story() }}</desc>
      @for (tick of drawn().amounts; track tick.value) {
        <path class="grid" [attr.d]="'M' + frame().left + ' ' + tick.at + 'H' + (width() - frame().right)" />
        <text class="label" text-anchor="end" [attr.x]="frame().left - 10" [attr.y]="tick.at + 4">
          {{ amount(tick.value) }}
        </text>
      }
      @for (tick of drawn().dates; track tick.value) {
        <text class="label" text-anchor="middle" [attr.x]="tick.at" [attr.y]="height - 6">{{ date(tick.value) }}</text>
      }
      <path class="area" [attr.d]="drawn().area" />
      <path class="line" [attr.d]="drawn().line" />
      @if (pointed(); as at) {
        <path class="pointer" [attr.d]="'M' + at.x + ' ' + frame().top + 'V' + (height - frame().bottom)" />
        <circle class="dot" r="5" [attr.cx]="at.x" [attr.cy]="at.y" />
        <text class="reading" text-anchor="middle" y="14" [attr.x]="readingX()">{{ reading() }}</text>
      }
    </svg>
  `,
})
export class BalanceChart {
  readonly points = input.required<readonly BalancePoint[]>();
  readonly #host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  protected readonly height = height;
  protected readonly width = signal(640);
  /** Room for the longest amount; figures and points are some seven pixels wide. */
  readonly #amountWidth = computed(() => {
    const balances = this.points().map(({ balance }) => balance);
    const amounts = roundAmounts(Math.min(...balances), Math.max(...balances));
    return Math.max(...amounts.map((amount) => formatWholeMoney(amount).length)) * 7;
  });
  protected readonly frame = computed(() => ({
    width: this.width(),
    height,
    left: this.#amountWidth() + 10,
    right: 8,
    top: 24,
    bottom: 26,
  }));
  protected readonly drawn = computed(() => layOut(this.points(), this.frame()));
  protected readonly pointed = signal<PlacedPoint | undefined>(undefined);
  protected readonly reading = computed(() => {
    const at = this.pointed();
    return at && `${formatDay(at.date)}: ${formatMoney(at.balance)}`;
  });
  protected readonly readingX = computed(() => {
    const x = this.pointed()?.x ?? 0;
    return Math.min(Math.max(x, labelHalf), this.width() - labelHalf);
  });
  protected readonly story = computed(() => {
    const points = this.points();
    const [first, last] = [points.at(0), points.at(-1)];
    if (!first || !last) return '';
    const balances = points.map(({ balance }) => balance);
    const [low, high] = [formatMoney(Math.min(...balances)), formatMoney(Math.max(...balances))];
    const ends = `From ${formatMoney(first.balance)} on ${formatDay(first.date)} to ${formatMoney(last.balance)} on ${formatDay(last.date)}`;
    return `${ends}; lowest ${low}, highest ${high}.`;
  });
  protected readonly amount = formatWholeMoney;
  protected readonly date = formatShortDay;

  constructor() {
    const destroyed = inject(DestroyRef);
    afterNextRender(() => {
      const watching = new ResizeObserver(() => this.width.set(Math.max(280, Math.round(this.#host.clientWidth))));
      watching.observe(this.#host);
      destroyed.onDestroy(() => watching.disconnect());
    });
  }

  protected point({ clientX }: PointerEvent): void {
    const x = clientX - this.#host.getBoundingClientRect().left;
    const nearer = (a: PlacedPoint, b: PlacedPoint): PlacedPoint => (Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a);
    this.pointed.set(this.drawn().points.reduce(nearer));
  }
}
