let isHidden = false;
const untouched = window.setTimeout.bind(window);

/** What Chromium does to a tab in the background: timers come once a second. Headless tabs are never hidden by themselves. */
function throttled(handler: () => void, delay = 0): number {
  const due = Date.now() + delay;
  return untouched(handler, isHidden ? Math.ceil(due / 1000) * 1000 - Date.now() : delay);
}

/** Puts the tab into the background, or to the front again. */
export function setHidden(hidden: boolean): void {
  isHidden = hidden;
  document.dispatchEvent(new Event('visibilitychange'));
}

Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
Object.assign(window, { setTimeout: throttled });
