import type { Tab } from './tab.js';

declare global {
  interface Window {
    askFrame(code: string): Promise<unknown>;
  }
}

/** To be put before a page's script: makes it do, in a frame, what the page around it asks for. */
export const obeyParent = `addEventListener('message', async ({ data, source }) => {
  const answer = await new Function('return (' + data + ')()')().then(
    (value) => ({ value }),
    (error) => ({ error: String(error) }),
  );
  source.postMessage(answer, '*');
});`;

/** Opens a page in a frame of the tab's page; what the tab given back is asked runs in there, and nothing else does. */
export async function openFrame(tab: Tab, url: string): Promise<Tab> {
  await tab.evaluate(
    (address) =>
      new Promise<void>((resolve) => {
        const frame = document.createElement('iframe');
        window.askFrame = (code) =>
          new Promise((settle, refuse) => {
            const hear = ({ data, source }: MessageEvent<{ value?: unknown; error?: string }>): void => {
              if (source !== frame.contentWindow) return;
              removeEventListener('message', hear);
              if (data.error === undefined) settle(data.value);
              else refuse(new Error(data.error));
            };
            addEventListener('message', hear);
            frame.contentWindow?.postMessage(code, '*');
          });
        frame.onload = () => resolve();
        frame.src = address;
        document.body.append(frame);
      }),
    url,
  );
  const evaluate = (code: (argument: never) => unknown, argument?: unknown): Promise<unknown> => {
    const given = argument === undefined ? '' : JSON.stringify(argument);
    return tab.evaluate((text) => window.askFrame(text), `async () => (${code.toString()})(${given})`);
  };
  return { ...tab, evaluate };
}
