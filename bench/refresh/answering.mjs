/**
 * The side of a contender's process: opens it with the options that it was started with, tells the port, answers
 * questions, and ends when the benchmark lets go of it.
 */
export async function answering(open) {
  const { port, close, ...questions } = await open(JSON.parse(process.argv[2]));
  const answers = { cpu: () => process.cpuUsage(), ...questions };
  process.on('message', async ({ id, question, about }) => {
    process.send({ id, answer: await answers[question](about) });
  });
  process.once('disconnect', async () => {
    await close?.();
    process.exit();
  });
  process.send({ ready: true, port });
}

/** Listens on any free port of this machine. */
export const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
