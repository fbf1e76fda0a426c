import { configVariable, definitions, keysVariable } from './definitions.js';

/** What Kubernetes puts into the environment beside a service named latchkey. */
const fromKubernetes = /^LATCHKEY_(SERVICE_|PORT_)/;

/** Finds variables that look like settings and are none: a mistyped one would be left out in silence. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set([...definitions.map((one) => one.env), keysVariable, configVariable]);
  return Object.keys(env)
    .filter((name) => name.startsWith('LATCHKEY_') && !known.has(name) && !fromKubernetes.test(name))
    .map((name) => `${name} is no setting and is left out. There are: ${[...known].join(', ')}.`);
}
