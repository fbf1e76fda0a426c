import { initializeApp } from '@firebase/app';
import {
  connectAuthEmulator,
  indexedDBLocalPersistence,
  initializeAuth,
  signInWithEmailAndPassword,
} from '@firebase/auth';

/** Spoken to as to its emulator, since its real servers have fixed names. */
export function open({ origin }) {
  const app = initializeApp({ apiKey: 'bench', projectId: 'bench', authDomain: 'bench' });
  const auth = initializeAuth(app, { persistence: indexedDBLocalPersistence });
  connectAuthEmulator(auth, origin, { disableWarnings: true });
  return {
    async signIn() {
      await signInWithEmailAndPassword(auth, 'ada@example.com', 'unused');
    },
    async send(url) {
      if (!auth.currentUser) await auth.authStateReady();
      const token = await auth.currentUser.getIdToken();
      return fetch(url, { headers: { authorization: `Bearer ${token}` } });
    },
  };
}
