import { type Routes } from '@angular/router';
import { claimGuard, signedInGuard } from '@latchkey/angular';
import { afterTransferGuard } from './transfer/last-transfer.js';

/** Every page of the bank; each is loaded when it is first opened. */
export const routes: Routes = [
  {
    path: 'login',
    title: 'Sign in',
    loadComponent: () => import('./entry/login.js').then(({ Login }) => Login),
  },
  {
    path: 'sign-up',
    title: 'Open an account',
    loadComponent: () => import('./entry/sign-up.js').then(({ SignUp }) => SignUp),
  },
  {
    path: '',
    canActivateChild: [signedInGuard],
    children: [
      {
        path: '',
        pathMatch: 'full',
        title: 'Accounts',
        loadComponent: () => import('./accounts/overview.js').then(({ Overview }) => Overview),
      },
      {
        path: 'accounts/:id',
        title: 'Statement',
        loadComponent: () => import('./accounts/statement.js').then(({ Statement }) => Statement),
      },
      {
        path: 'transfer',
        title: 'Transfer',
        loadComponent: () => import('./transfer/transfer.js').then(({ Transfer }) => Transfer),
      },
      {
        path: 'transfer/done',
        title: 'Transfer sent',
        canActivate: [afterTransferGuard],
        loadComponent: () => import('./transfer/transfer-done.js').then(({ TransferDone }) => TransferDone),
      },
      {
        path: 'profile',
        title: 'Profile',
        loadComponent: () => import('./profile/profile-page.js').then(({ ProfilePage }) => ProfilePage),
      },
      {
        path: 'devices',
        title: 'My devices',
        loadComponent: () => import('./devices/devices.js').then(({ Devices }) => Devices),
      },
      {
        path: 'adviser',
        title: 'Adviser',
        canActivate: [claimGuard((claims) => claims?.['role'] === 'adviser', '/forbidden')],
        loadComponent: () => import('./adviser/adviser.js').then(({ Adviser }) => Adviser),
      },
    ],
  },
  {
    path: 'why',
    title: 'Why?',
    loadComponent: () => import('./why/why.js').then(({ Why }) => Why),
  },
  {
    path: 'forbidden',
    title: 'Not for you',
    loadComponent: () => import('./pages/forbidden.js').then(({ Forbidden }) => Forbidden),
  },
  {
    path: '**',
    title: 'Page not found',
    loadComponent: () => import('./pages/not-found.js').then(({ NotFound }) => NotFound),
  },
];
