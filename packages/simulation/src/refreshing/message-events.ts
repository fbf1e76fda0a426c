import { deliver, lose, serve, serveSignIn, timeOut } from './network.js';
import { type Possible, asFaults, when } from './possible.js';
import { type Context, tabAt } from './tab.js';
import type { Message, World } from './world.js';

/** What may become of a request on its way, or of its answer. */
export function eventsOfMessage(
  world: World,
  { message, at, context }: { message: Message; at: number; context: Context },
): Possible[] {
  const name = `${message.kind} ${message.token}`;
  const awaited = message.tab >= 0 && tabAt(world, message.tab);
  if (message.answer) {
    if (!awaited || awaited.late) return [];
    const freeze = context.scope.freezes && message.kind === 'refresh';
    return [
      { event: `${name}: answer arrives`, happen: (w, given) => deliver(w, at, { freeze: false, context: given }) },
      ...asFaults([
        ...when(freeze, `${name}: answer arrives, the tab freezes in mid-commit`, (w, given) =>
          deliver(w, at, { freeze: true, context: given }),
        ),
        { event: `${name}: answer is lost`, happen: (w, given) => timeOut(w, at, given) },
      ]),
    ];
  }
  return [
    ...servings(world, { message, at, context }),
    ...asFaults(
      when(awaited !== false && !awaited.late, `${name}: the wait runs out`, (w, given) => timeOut(w, at, given)),
    ),
    ...when(awaited === false, `${name} is lost`, (w) => lose(w, at)),
  ];
}

/** Tells who may serve a request: it may meet the node that lags in a roll-out, and may leave a copy of itself on the way. */
export function servings(
  world: World,
  { message, at, context }: { message: Message; at: number; context: Context },
): Possible[] {
  const name = `${message.kind} ${message.token}`;
  if (message.kind === 'sign-in') {
    return [{ event: `${name} is served`, happen: (w, given) => serveSignIn(w, at, given) }];
  }
  const newest = { mintingKeyId: world.mintingKeyId, highestKeyId: context.scope.keyRotation ? 2 : 1 };
  const nodes = [newest, ...(world.mintingKeyId > 1 ? [{ mintingKeyId: 1, highestKeyId: 1 }] : [])];
  const copies =
    message.kind === 'refresh' && context.scope.duplicates && world.messages.length < context.scope.messages;
  return nodes.flatMap((node, which) =>
    [false, ...(copies ? [true] : [])].map((copy) => ({
      event: `${name} is served${which > 0 ? ' by a node that lags' : ''}${copy ? ', a copy stays on its way' : ''}`,
      happen: (w, given) => serve(w, at, { node, copy, context: given }),
    })),
  );
}

/** An answer arrives, and nothing goes wrong. */
export const delivery =
  (at: number): Possible['happen'] =>
  (world, context) =>
    deliver(world, at, { freeze: false, context });
