import { Component, computed, input } from '@angular/core';

/** What each icon draws, in strokes on a field of 24 by 24. */
const paths = {
  accounts: 'M3 10.5 12 4l9 6.5M5 10.5V19m4.7-8.5V19m4.6-8.5V19m4.7-8.5V19M3 20.5h18',
  transfer: 'M4 8h14m-4-4 4 4-4 4M20 16H6m4-4-4 4 4 4',
  devices:
    'M4 5.5h13a1 1 0 0 1 1 1V8M3 16.5h10M4 5.5v11M15.5 10h4a1 1 0 0 1 1 1v7.5a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1V11a1 1 0 0 1 1-1Z',
  profile: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8.5c.8-3.5 3.7-5.5 7.5-5.5s6.7 2 7.5 5.5',
  adviser: 'M4 20V10m5.3 10V4m5.4 16v-7M20 20V7',
  out: 'M10 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h4m5-12 4 4-4 4m4-4H10',
  download: 'M12 4v11m-4.5-4L12 15.5 16.5 11M5 20h14',
  search: 'M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.7-1.8L20 20',
  next: 'm9.5 5.5 6 6.5-6 6.5',
  previous: 'm14.5 5.5-6 6.5 6 6.5',
  check: 'm5 12.5 4.5 4.5L19 7',
  alert: 'M12 8v5m0 3.5v.1M12 3.5l9 16.5H3Z',
  info: 'M12 11v6m0-9.5v-.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  offline:
    'M3 3.5 20.5 21M8.5 15.5a5 5 0 0 1 5.5-1M5 12a10 10 0 0 1 4.5-2.5M2 8.5a14 14 0 0 1 4-2.5m5-1.2A14 14 0 0 1 22 8.5M15 9.7A10 10 0 0 1 19 12m-7 7.5v-.1',
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Zm6 4v2',
  phone: 'M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm3 15h2',
  laptop: 'M5 6a1 1 0 0 1 1-1h12a1 1 0 0 1 1 1v9H5ZM2.5 19h19',
} as const;

/** The name of an icon. */
export type IconName = keyof typeof paths;

/** Draws an icon beside a text that says the same; readers of screens are not told of it. */
@Component({
  selector: 'bank-icon',
  template: `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path [attr.d]="path()" />
  </svg>`,
})
export class Icon {
  readonly name = input.required<IconName>();
  protected readonly path = computed(() => paths[this.name()]);
}
