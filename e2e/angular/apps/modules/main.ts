import { platformBrowser } from '@angular/platform-browser';
import { AppModule } from './app-module.js';

void platformBrowser().bootstrapModule(AppModule);
