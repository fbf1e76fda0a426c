import { upload } from '@latchkey/client/transfer';
import { busily } from './busy.js';
import { element, form, input, write } from './dom.js';
import type { DemoSession, Show } from './part.js';

/** A picture of any size: it lives at the API, is shown by an authorised object URL and never enters localStorage. */
export function pictureCard(session: DemoSession): Show {
  const chooser = input('picture-file');
  const image = element('picture', HTMLImageElement);
  let shown: string | undefined;
  chooser.addEventListener('change', () => {
    const file = chooser.files?.[0];
    if (!file) return;
    void busily(form('picture-form'), async () => {
      await send(session, file);
      await session.updateUser({ profile: { picture: crypto.randomUUID() } });
    }).finally(() => (chooser.value = ''));
  });
  return ({ user }) => {
    showStorage();
    const wanted = user?.profile.picture && `${user.id} ${user.profile.picture}`;
    if (wanted === shown) return;
    if (!wanted || !shown?.startsWith(`${user.id} `)) hide(image, wanted ? 'Waiting for the API…' : 'No picture yet');
    shown = wanted;
    // Without an answer the next transition looks again.
    if (wanted) load(session, image).catch(() => (shown = undefined));
  };
}

async function send(session: DemoSession, file: File): Promise<void> {
  const bar = element('upload-progress', HTMLProgressElement);
  const hint = element('picture-hint', HTMLParagraphElement);
  bar.value = 0;
  bar.hidden = false;
  write(hint, `Uploading ${file.name} (${megabytes(file.size)})…`);
  try {
    const response = await upload(session, '/api/picture', {
      body: file,
      method: 'PUT',
      headers: { 'content-type': file.type },
      onProgress: ({ loaded, total }) => (bar.value = total ? loaded / total : 0),
    });
    if (!response.ok) throw new Error(await refusal(response));
    write(hint, `Stored at the API: ${file.name} (${megabytes(file.size)}).`);
  } catch (error) {
    write(hint, 'PNG, JPEG, GIF, WebP or AVIF, up to 32 MB.');
    throw error;
  } finally {
    bar.hidden = true;
  }
}

async function refusal(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as { error_description?: string };
  return body.error_description ?? `The API answered ${response.status}.`;
}

async function load(session: DemoSession, image: HTMLImageElement): Promise<void> {
  const before = image.src;
  image.src = await session.objectUrl('/api/picture');
  if (before) URL.revokeObjectURL(before);
  image.hidden = false;
  element('no-picture', HTMLParagraphElement).hidden = true;
}

function hide(image: HTMLImageElement, why: string): void {
  image.removeAttribute('src');
  image.hidden = true;
  const placeholder = element('no-picture', HTMLParagraphElement);
  write(placeholder, why);
  placeholder.hidden = false;
}

const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** What this origin keeps in localStorage, in characters: browsers stop at about 5 million. */
function showStorage(): void {
  let used = 0;
  for (const key of Object.keys(localStorage)) used += key.length + (localStorage.getItem(key)?.length ?? 0);
  write(element('storage-used', HTMLElement), `${(used / 1000).toFixed(1)} kB`);
  element('storage-meter', HTMLMeterElement).value = used;
}
