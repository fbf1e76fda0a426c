import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { inRoot } from '../bootstrap/root.mjs';

/** At least as strict as the projects that readers paste into: those of `ng new` are. */
const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  isolatedModules: true,
  experimentalDecorators: true,
  skipLibCheck: true,
  noEmit: true,
  strictTemplates: true,
  strictInjectionParameters: true,
};

/** Angular's compiler, of the version that our adapter is built with. */
const compiler = createRequire(inRoot('packages', 'angular', 'package.json')).resolve('@angular/compiler-cli');

/** Makes a program of source texts by path, beside the built packages. `virtual`: Map of absolute path to text. */
async function makeProgram(virtual) {
  const { NgtscProgram } = await import(pathToFileURL(compiler).href);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists } = host;
  const folders = new Set([...virtual.keys()].map(dirname));
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path) || readFile(path);
  host.directoryExists = (path) => folders.has(path) || directoryExists(path);
  return new NgtscProgram([...virtual.keys()], options, host);
}

/** Where a block lies for the check: beside the others of its document, as the files of an app do. */
const placeOf = ({ file, name }, at) => inRoot('doc-blocks', file, name || `src/app/block-${at}.ts`);

/**
 * Checks the types of every `ts` block, templates of Angular's included, and lists what each entry exports. Each is a
 * module of its own. What is a file of this repository is checked there. Gives `{ problems, exportsOf }`.
 */
export async function checkTypes(documents, entries) {
  const blocks = documents.flatMap(({ blocks }) =>
    blocks.filter(({ language, copyOf }) => language === 'ts' && !copyOf),
  );
  const places = new Map(blocks.map((block, at) => [placeOf(block, at), block]));
  // The hidden part is one line, so that lines are counted as the reader does.
  const virtual = new Map(
    [...places].map(([path, { hidden, lines }]) => [path, `${hidden}\n${lines.join('\n')}\nexport {};\n`]),
  );
  const list = inRoot('doc-entries.ts');
  virtual.set(list, entries.map((entry, at) => `import * as entry${at} from '${entry}';`).join('\n'));
  const angular = await makeProgram(virtual);
  const program = angular.getTsProgram();
  const problems = [...virtual.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
      ...angular.getNgSemanticDiagnostics(path),
    ];
    return found.map((diagnostic) => describe(diagnostic, places.get(path)));
  });
  return { problems, exportsOf: (entry) => exportsOf(program, list, entries.indexOf(entry)) };
}

function describe({ messageText, start = 0, file }, block) {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n  ');
  if (!block) return `${file.fileName}: ${message}`;
  const line = ts.getLineAndCharacterOfPosition(file, start).line;
  return `${block.file}:${block.firstLine + line - 1}: ${message}`;
}

function exportsOf(program, list, at) {
  const checker = program.getTypeChecker();
  const specifier = program.getSourceFile(list).statements[at].moduleSpecifier;
  const symbol = checker.getSymbolAtLocation(specifier);
  return symbol ? checker.getExportsOfModule(symbol).map(({ name }) => name) : [];
}

/** Checks that code of other languages can be read at all. */
export async function checkSyntax(documents, runCommand) {
  const problems = [];
  for (const block of documents.flatMap(({ blocks }) => blocks)) {
    const code = block.lines.join('\n');
    const place = `${block.file}:${block.firstLine}`;
    if (block.language === 'json') problems.push(...jsonProblem(code, place));
    if (block.language === 'js') problems.push(...scriptProblem(code, place));
    const command = { bash: ['bash', ['-n', '-c', code]], python: ['python3', ['-c', parsePython, code]] }[
      block.language
    ];
    if (!command) continue;
    const { code: exit, output } = await runCommand(...command, { cwd: dirname(inRoot('package.json')) });
    // 127: there is no such program here, which says nothing about the document.
    if (exit !== 0 && exit !== 127) problems.push(`${place}: ${output.trim().split('\n').at(-1)}`);
  }
  return problems;
}

const parsePython = 'import ast, sys; ast.parse(sys.argv[1])';

function jsonProblem(code, place) {
  try {
    JSON.parse(code);
    return [];
  } catch (error) {
    return [`${place}: not JSON: ${error.message}`];
  }
}

function scriptProblem(code, place) {
  const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true, fileName: 'block.js' });
  return diagnostics.map(({ messageText }) => `${place}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}
