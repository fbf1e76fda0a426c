import { type HttpEvent, HttpEventType } from '@angular/common/http';
import { type WritableSignal } from '@angular/core';
import { type Observable, lastValueFrom, tap } from 'rxjs';

/** How far a file is on its way, in bytes; `total` is `undefined` where nobody knows. */
export interface Progress {
  readonly loaded: number;
  readonly total: number | undefined;
}

/** Follows a request that reports progress; gives the body of its answer. Rejects as the request does. */
export async function follow<T>(
  events: Observable<HttpEvent<T>>,
  progress: WritableSignal<Progress | undefined>,
): Promise<T | null> {
  progress.set({ loaded: 0, total: undefined });
  try {
    const shown = events.pipe(
      tap((event) => {
        const moving = event.type === HttpEventType.UploadProgress || event.type === HttpEventType.DownloadProgress;
        if (moving) progress.set({ loaded: event.loaded, total: event.total });
      }),
    );
    const last = await lastValueFrom(shown);
    return last.type === HttpEventType.Response ? last.body : null;
  } finally {
    progress.set(undefined);
  }
}
