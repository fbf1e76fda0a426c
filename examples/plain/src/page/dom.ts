/** Finds an element of index.html by id; a wrong id or kind is a mistake in the page, so it throws. */
export function element<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} #${id}.`);
}

export const button = (id: string): HTMLButtonElement => element(id, HTMLButtonElement);
export const form = (id: string): HTMLFormElement => element(id, HTMLFormElement);
export const input = (id: string): HTMLInputElement => element(id, HTMLInputElement);

/** Makes an element with text: never markup, so that nothing a person typed becomes code. */
export function make<Name extends keyof HTMLElementTagNameMap>(name: Name, text = ''): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

/** Writes a text where it differs, so that live regions speak only when something is new. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Reads a text field of a form. */
export function field(of: HTMLFormElement, name: string): string {
  const value = new FormData(of).get(name);
  return typeof value === 'string' ? value : '';
}
