import { DestroyRef, Injector, afterNextRender, inject } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router } from '@angular/router';
import { distinctUntilChanged, filter, map, skip } from 'rxjs';

/**
 * Takes the keyboard and the screen reader to the new page's heading after each navigation, as a browser does with pages
 * of its own; not for the first page, nor within one, such as to its next part. Call it once, as `inject`.
 */
export function focusHeadings(): void {
  const injector = inject(Injector);
  const pages = inject(Router).events.pipe(
    filter((event) => event instanceof NavigationEnd),
    map(({ urlAfterRedirects }) => urlAfterRedirects.replace(/[?#].*/, '')),
    distinctUntilChanged(),
    skip(1),
    takeUntilDestroyed(inject(DestroyRef)),
  );
  pages.subscribe(() => {
    const heading = (): void => document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    afterNextRender({ read: heading }, { injector });
  });
}
