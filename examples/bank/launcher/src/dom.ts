/** Finds what the page certainly has. @throws Error when it has not */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/** Makes an element with a class and a text or elements in it. */
export function make(tag: string, name: string, ...inside: (string | Node)[]): HTMLElement {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}

/** Writes a text where it is not there yet, so that nothing is read out twice and no selection is lost. */
export function write(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}
