import { runCommand } from '../bootstrap/run-command.mjs';
import { aptInstall, canInstall } from './debian.mjs';

const packages = ['python3-django', 'python3-djangorestframework', 'python3-djangorestframework-simplejwt'];

const advice =
  'No Python with Django, its REST framework and SimpleJWT was found. Run\n' +
  '  pip install django djangorestframework djangorestframework-simplejwt\n' +
  'or name a Python that has them in LATCHKEY_DJANGO_PYTHON, and run this again.';

/** Finds a Python that has what the Django tests need, installing Debian's where that can be done. */
export async function findDjango(found) {
  let python = await installed();
  if (!python && canInstall()) {
    const result = await aptInstall(['python3', ...packages]);
    if (result.code !== 0) return { ...result, output: `${result.output}\n${advice}` };
    python = await installed();
  }
  if (!python) return { code: 1, output: advice };
  found.LATCHKEY_DJANGO_PYTHON = python;
  return { code: 0, output: python };
}

async function installed() {
  const named = process.env.LATCHKEY_DJANGO_PYTHON;
  for (const python of named ? [named] : ['/usr/bin/python3', 'python3', 'python']) {
    const { code } = await runCommand(python, ['-c', 'import django, rest_framework, rest_framework_simplejwt']);
    if (code === 0) return python;
  }
  return undefined;
}
