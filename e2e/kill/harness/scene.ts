import type { Store } from '@latchkey/server';
import { type Answers, type KillClient, openClient } from './client.js';
import type { Database, Follower } from './databases.js';
import { type Draw, type Kill, Meter, letTurnsPass } from './moments.js';
import { TokenServer } from './token-server.js';

/** What is killed. */
export type Victim = 'token server' | 'database' | 'both';

/** What the kills have met. A request that was on its way then has been written or not; it was never answered. */
export interface Kills {
  readonly byVictim: Map<Victim, number>;
  writtenUnanswered: number;
  unwritten: number;
  /** Acknowledged rotations that the database knew nothing of afterwards. */
  lost: number;
}

/** People in front of a token server and its database. */
export class Scene {
  readonly clients: KillClient[] = [];
  readonly server: TokenServer;
  readonly rotations = new Meter();
  readonly kills: Kills = { byVictim: new Map(), writtenUnanswered: 0, unwritten: 0, lost: 0 };
  database: Database;
  readonly #repeating = new Map<KillClient, number>();

  private constructor(server: TokenServer, database: Database) {
    this.server = server;
    this.database = database;
  }

  /** Signs people up, each in a browser of their own, and starts the server. */
  static async open(database: Database, people: number): Promise<Scene> {
    const scene = new Scene(await TokenServer.prepare(), database);
    try {
      await scene.#begin(people);
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  async #begin(people: number): Promise<void> {
    const onAcknowledged = (): void => this.rotations.add();
    const signUps = async (): Promise<void> => {
      const names = Array.from({ length: people }, (_, index) => `person-${index}`);
      const opened = names.map((username) => openClient(this.server.origin, { username, onAcknowledged }));
      this.clients.push(...(await Promise.all(opened)));
    };
    await this.server.whileInProcess(this.database, signUps);
    await this.server.start(this.database);
  }

  async close(): Promise<void> {
    this.clients.forEach((client) => client.close());
    await this.server.kill();
    await this.database.close();
  }

  /** All refresh, again and again, while one kill after the other meets them; then on, until there are `rotations`. */
  async storm(plan: readonly Kill<Victim>[], rotations: number): Promise<void> {
    for (const kill of plan) await this.through(kill, () => this.#revive(kill.victim));
    await this.#refreshUntil(() => this.rotations.count >= rotations);
  }

  /** All refresh until the kill has met them; then comes what helps, and the database is asked what it knows. */
  async through({ victim, after, turns }: Kill<Victim>, help: () => Promise<void>): Promise<void> {
    let isDown = false;
    // Each goes on until it has met the outage, so that nobody is spared.
    const allHaveMetIt = this.#refreshUntil((granted) => isDown && !granted);
    await Promise.race([this.rotations.reaches(after), allHaveMetIt]);
    await letTurnsPass(turns);
    isDown = true;
    const onTheWay = this.clients.map((client) => client.onTheWay);
    await this.kill(victim);
    await allHaveMetIt;
    await help();
    const rows = await this.generations();
    this.clients.forEach((client, index) => this.#judge(client, rows[index] ?? -1, onTheWay[index]));
  }

  #judge(client: KillClient, row: number, presented: number | undefined): void {
    const { generation } = client.acknowledged.at(-1)!;
    if (client.signedOut !== undefined) return;
    if (row < generation) this.kills.lost += generation - row;
    // An answer that was in our own machine already has come in.
    else if (presented !== generation) return;
    else if (row === generation) this.kills.unwritten += 1;
    // Its repetition may have met the next kill.
    else if (this.#repeating.get(client) !== generation) this.kills.writtenUnanswered += 1;
    if (row > generation) this.#repeating.set(client, generation);
  }

  async #refreshUntil(isEnough: (granted: boolean) => boolean): Promise<void> {
    await Promise.all(
      this.clients.map(async (client) => {
        while (client.signedOut === undefined && !isEnough(await client.refresh()));
      }),
    );
  }

  async kill(victim: Victim): Promise<void> {
    this.kills.byVictim.set(victim, (this.kills.byVictim.get(victim) ?? 0) + 1);
    await Promise.all([
      victim !== 'database' && this.server.kill(),
      victim !== 'token server' && this.database.kill?.(),
    ]);
  }

  async #revive(victim: Victim): Promise<void> {
    if (victim !== 'token server') await this.database.restart?.();
    if (victim !== 'database') await this.server.start(this.database);
  }

  /** Goes on with a standby. */
  async failOver(standby: Follower): Promise<void> {
    this.database = await standby.promote();
    await this.server.start(this.database);
  }

  /** Each refreshes once; tells who was given tokens. */
  allRefresh(): Promise<boolean[]> {
    return Promise.all(this.clients.map((client) => client.refresh()));
  }

  /** Refreshes a drawn number of times each, at least once. */
  async refreshSome(draw: Draw, atMost: number): Promise<void> {
    await Promise.all(
      this.clients.map(async (client) => {
        for (let left = 1 + draw(atMost); left > 0; left -= 1) await client.refresh();
      }),
    );
  }

  /** The generation that the database has of each client's session; -1 where it has none that is alive. */
  async generations(): Promise<number[]> {
    const store: Store = this.database.open();
    try {
      const found = await Promise.all(this.clients.map(({ sessionId }) => store.sessions.find(sessionId)));
      return found.map((one) => (one?.session.revokedAt === null ? one.session.generation : -1));
    } finally {
      await store.close();
    }
  }

  /** How all requests to refresh were answered. */
  answers(): Answers {
    const sum: Answers = { granted: 0, stale: 0, behind: 0, unavailable: 0, none: 0, other: 0 };
    for (const { answers } of this.clients) {
      for (const kind of Object.keys(sum) as (keyof Answers)[]) sum[kind] += answers[kind];
    }
    return sum;
  }

  clientsOut(): number {
    return this.clients.filter(({ signedOut }) => signedOut !== undefined).length;
  }
}
