// Checked by `ng build` alone, as is the server: only the installed app has @angular/ssr.
import { mergeApplicationConfig } from '@angular/core';
import { type BootstrapContext, bootstrapApplication } from '@angular/platform-browser';
import { RenderMode, type ServerRoute, provideServerRendering, withRoutes } from '@angular/ssr';
import { App } from '../standalone/app.js';
import { appConfig } from './app-config.js';

/** One guarded page is rendered for nobody, the other one is left to the browser. */
const routes: ServerRoute[] = [
  { path: 'members', renderMode: RenderMode.Client },
  { path: '**', renderMode: RenderMode.Server },
];
const config = mergeApplicationConfig(appConfig, { providers: [provideServerRendering(withRoutes(routes))] });

/** Renders one page. Angular's builder wants it as the default export. */
const bootstrap = (context: BootstrapContext) => bootstrapApplication(App, config, context);
export { bootstrap as default };
