import { dirname } from 'node:path';
import ts from 'typescript';
import { inRoot } from '../bootstrap/root.mjs';

const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
};

/** Makes a program of source texts by path, beside the built packages. `virtual`: Map of absolute path to text. */
function makeProgram(virtual) {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => virtual.has(path) || fileExists(path);
  host.readFile = (path) => virtual.get(path) || readFile(path);
  return ts.createProgram([...virtual.keys()], options, host);
}

/**
 * Checks the types of every `ts` block, each a module of its own in the root folder, and lists what each entry exports.
 * Gives `{ problems, exportsOf }`.
 */
export function checkTypes(documents, entries) {
  const blocks = documents.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'ts'));
  const places = new Map(blocks.map((block, at) => [inRoot(`doc-block-${at}.ts`), block]));
  // The hidden part is one line, so that lines are counted as the reader does.
  const virtual = new Map(
    [...places].map(([path, { hidden, lines }]) => [path, `${hidden}\n${lines.join('\n')}\nexport {};\n`]),
  );
  const list = inRoot('doc-entries.ts');
  virtual.set(list, entries.map((entry, at) => `import * as entry${at} from '${entry}';`).join('\n'));
  const program = makeProgram(virtual);
  const problems = [...virtual.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
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
