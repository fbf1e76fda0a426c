import { complaintAboutNode } from './node-version.js';

// Nothing else is imported before this: an old Node would fail on it with a message that helps nobody.
const complaint = complaintAboutNode(process.version);
if (complaint === undefined) {
  const { runProgram } = await import('./program.js');
  process.exitCode = await runProgram(process.argv.slice(2));
} else {
  process.stderr.write(`latchkey: ${complaint}\n`);
  process.exitCode = 3;
}
