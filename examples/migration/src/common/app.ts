import { Component } from '@angular/core';
import { RouterOutlet } from '@angular/router';

/** The frame of the app: one page at a time. */
@Component({ selector: 'app-root', imports: [RouterOutlet], template: '<router-outlet />' })
export class App {}
