import type { Lifecycle } from '../ports.js';

/** What the browser tells a page of its life. Every one of these means "look again", never more. */
export const browserLifecycle: Lifecycle = {
  online: () => navigator.onLine,
  subscribe(listener) {
    const subscriptions: [EventTarget, string, () => void][] = [
      [window, 'online', () => listener('online')],
      [window, 'offline', () => listener('offline')],
      [window, 'pageshow', () => listener('awake')],
      [document, 'resume', () => listener('awake')],
      [document, 'visibilitychange', () => document.visibilityState === 'visible' && listener('awake')],
    ];
    for (const [target, type, handler] of subscriptions) target.addEventListener(type, handler);
    return () => {
      for (const [target, type, handler] of subscriptions) target.removeEventListener(type, handler);
    };
  },
};

/** Where there is no page (a server that renders): always online, never an event. */
export const noLifecycle: Lifecycle = { online: () => true, subscribe: () => () => undefined };
