export {
  type Act,
  type Fault,
  FaultProxy,
  type FaultProxyOptions,
  type Hold,
  type Passed,
  type PassedEnd,
  type Route,
} from './fault-proxy.js';
export { keysIn } from './key-file.js';
export { closeServer, listenOnLoopback, type LoopbackServer, serveOnLoopback } from './loopback-server.js';
export { type PageOptions, securityPolicy, servePage } from './page-files.js';
export { keepPicture, removePicture, sendPicture, type PictureCall } from './picture-calls.js';
export { openPictures, type Pictures } from './pictures.js';
export { replyEmpty, replyJson, replyResponse } from './reply.js';
export { seedUser, type SeededUser } from './seed-user.js';
