export { FaultProxy } from './fault-proxy.js';
export type { Act, Fault, FaultProxyOptions, Hold, Passed, PassedEnd, Route, Slowness } from './faults.js';
export { keysIn } from './key-file.js';
export { closeServer, listenOnLoopback, type LoopbackServer, serveOnLoopback } from './loopback-server.js';
export { type PageOptions, securityPolicy, servePage } from './page-files.js';
export { keepPicture, removePicture, sendPicture, type PictureCall } from './picture-calls.js';
export { openPictures, type Pictures } from './pictures.js';
export { replyEmpty, replyJson, replyResponse } from './reply.js';
export { seedUser, type SeededUser } from './seed-user.js';
