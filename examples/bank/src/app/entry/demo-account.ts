import { type HttpResourceRef, httpResource } from '@angular/common/http';

/** The account that a demonstration starts with. */
export interface DemoAccount {
  readonly username: string;
  /** None once somebody has chosen another one. */
  readonly password?: string;
}

/** Asks for the demo's account, which only a demonstration has. Call it where `inject` may be called. */
export const demoAccount = (): HttpResourceRef<DemoAccount | undefined> =>
  httpResource<DemoAccount>(() => '/demo-account.json');
