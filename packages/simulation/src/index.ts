export { type Account, type AccountRules, accounts, realAccountRules } from './accounts.js';
export { type Exploration, type Model, type Move, explore } from './explore.js';
export { type Mutant, mutants } from './mutants.js';
export { refreshing } from './refreshing/model.js';
export { type Rules, realRules } from './refreshing/rules.js';
export type { Answer, Database, Message, Scope, Sight, Tab, Thief, World } from './refreshing/world.js';
export { longScopes, shortScopes, walkScopes } from './scopes.js';
export { type Walk, walk } from './simulate.js';
