import { apiCard } from './api-card.js';
import { devicesCard } from './devices-card.js';
import { entrance } from './entrance.js';
import { frame } from './frame.js';
import { keepPageForOffline } from './offline-page.js';
import type { DemoSnapshot } from './part.js';
import { pictureCard } from './picture-card.js';
import { profileCard } from './profile-card.js';
import { openSession } from './session.js';
import { timelineCard } from './timeline-card.js';
import { tokenCard } from './token-card.js';

const session = openSession({
  signedOut: (reason) => forms.say(reason),
  event: () => queueMicrotask(showTimeline),
});
const forms = entrance(session);
const showTimeline = timelineCard(session);
const countDown = tokenCard(session);
const parts = [frame(session), countDown, profileCard(session), pictureCard(session), devicesCard(session)];
apiCard(session);

const show = (snapshot: DemoSnapshot): void => parts.forEach((part) => part(snapshot));
session.subscribe(show);
session.start();
show(session.snapshot());
setInterval(() => countDown(session.snapshot()), 1000);
keepPageForOffline();
