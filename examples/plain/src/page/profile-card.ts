import { onSubmit } from './busy.js';
import { element, field, form, input, write } from './dom.js';
import type { DemoSession, Show } from './part.js';

/** The person's name: one tab changes it, all show it. */
export function profileCard(session: DemoSession): Show {
  const target = form('profile-form');
  const name = input('display-name');
  let shown = '';
  onSubmit(target, async () => {
    await session.updateUser({ profile: { displayName: field(target, 'displayName').trim() } });
    write(element('profile-saved', HTMLParagraphElement), 'Saved. Your other tabs show it too.');
  });
  return ({ user }) => {
    const current = user?.profile.displayName ?? '';
    // A change from another tab must not overwrite what is being typed here.
    if (current !== shown && name.value === shown) name.value = current;
    shown = current;
  };
}
