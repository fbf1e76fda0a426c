import type { Act, Fault, FaultProxy, MovableClock } from '@latchkey/example-shared';
import type { Command, LauncherState, Network, ServerMood } from '../../../launcher/src/launcher-types.js';
import type { BackendSwitch } from '../backend-switch.js';

/** What the controls drive. */
export interface Machinery {
  readonly faults: FaultProxy;
  readonly backend: BackendSwitch;
  readonly clock: MovableClock;
}

/** A command that cannot be carried out now; the message is for whoever pressed. */
export class CommandRefused extends Error {}

/** The app's files come as from a network of their own, so that a page can be loaded while all else fails. */
const calls = /^\S+ \/(auth|api)(\/|\?|$)/;
const refreshes = /^POST \/auth\/refresh(\?|$)/;
/** As a telephone at the edge of a village has it: a large picture takes its time, and shows how far it is. */
const slowness = { milliseconds: 3000, bytesPerSecond: 1_500_000 };

const json = (error: string): string => JSON.stringify({ error, error_description: 'The launcher answers this.' });

/** What answers in the place of a server that is not well. */
const moods: Partial<Record<ServerMood, Act>> = {
  unavailable: { kind: 'answer', status: 503, body: json('temporarily_unavailable') },
  throttling: {
    kind: 'answer',
    status: 429,
    headers: { 'retry-after': '10' },
    body: json('too_many_requests'),
  },
  broken: { kind: 'answer', status: 500, body: json('server_error') },
  portal: {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><title>Hotel Miramar</title><h1>Welcome to our Wi-Fi</h1><p>Room number and name, please.</p>',
  },
};

/** A fault that strikes so many times, and how often it has done so since it was set up. */
interface Trap {
  times: number;
  fault: Fault | undefined;
}

/** Drives proxy, server and clock; never the app, and never by an address of the bank. */
export class Controls {
  readonly #machinery: Machinery;
  #network: Network = 'fine';
  #server: ServerMood = 'fine';
  readonly #losing: Trap = { times: 0, fault: undefined };
  readonly #cutting: Trap = { times: 0, fault: undefined };
  #standing: Fault[] = [];

  constructor(machinery: Machinery) {
    this.#machinery = machinery;
  }

  get state(): Pick<LauncherState, 'network' | 'server' | 'armed' | 'clock'> {
    const { clock } = this.#machinery;
    return {
      network: this.#network,
      server: this.#server,
      armed: { loseRefreshes: leftOf(this.#losing), cutAnswers: leftOf(this.#cutting) },
      clock: { now: clock.now(), aheadBy: clock.aheadBy },
    };
  }

  /** Does what was asked for. @throws CommandRefused when it cannot be done now */
  async obey(command: Command): Promise<void> {
    const { clock } = this.#machinery;
    if (command.kind === 'network') this.#network = command.to;
    else if (command.kind === 'server') await this.#setServer(command.to);
    else if (command.kind === 'lose-refreshes') set(this.#losing, command.times);
    else if (command.kind === 'cut-answers') set(this.#cutting, command.times);
    else if (command.kind === 'move-clock') clock.advance(command.by);
    else if (command.kind === 'reset-clock') clock.reset();
    else await this.#signOutEverywhere();
    this.#setUpFaults();
  }

  async #setServer(mood: ServerMood): Promise<void> {
    const { backend } = this.#machinery;
    await (mood === 'stopped' ? backend.stop() : backend.start());
    this.#server = mood;
  }

  async #signOutEverywhere(): Promise<void> {
    const { customer } = this.#machinery.backend;
    if (!customer) throw new CommandRefused('The server is stopped, so nobody can sign out there. Start it first.');
    await customer.signOutEverywhere();
  }

  /** Anew at each change, because the oldest fault strikes: a network that is cut comes before a server that is broken. */
  #setUpFaults(): void {
    const { faults } = this.#machinery;
    for (const fault of this.#standing.splice(0)) fault.lift();
    for (const trap of [this.#losing, this.#cutting]) {
      set(trap, leftOf(trap));
    }
    if (this.#network === 'cut') this.#standing.push(faults.fail(calls, { kind: 'drop-request' }));
    if (this.#network === 'slow') this.#standing.push(faults.slow(calls, slowness));
    const mood = moods[this.#server];
    if (mood) this.#standing.push(faults.fail(calls, mood));
    this.#spring(this.#losing, refreshes, { kind: 'drop-response' });
    this.#spring(this.#cutting, calls, { kind: 'cut-response' });
  }

  #spring(trap: Trap, match: RegExp, act: Act): void {
    if (trap.times > 0) trap.fault = this.#machinery.faults.fail(match, act, trap.times);
  }
}

const leftOf = ({ times, fault }: Trap): number => Math.max(0, times - (fault?.hits ?? 0));

function set(trap: Trap, times: number): void {
  trap.fault?.lift();
  trap.times = times;
  trap.fault = undefined;
}
