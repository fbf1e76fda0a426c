import { Component, type ElementRef, type OnDestroy, effect, input, output, viewChild } from '@angular/core';

/**
 * A modal `<dialog>`: the browser keeps the keyboard inside, takes Escape for no, and gives the focus back afterwards.
 * What asks for a decision has the role `alertdialog`.
 */
@Component({
  selector: 'bank-dialog',
  template: `
    <dialog
      #dialog
      class="dialog"
      [attr.role]="urgent() ? 'alertdialog' : null"
      [attr.aria-labelledby]="name() + '-title'"
      [attr.data-testid]="name()"
      (cancel)="$event.preventDefault(); dismissed.emit()"
    >
      <h2 [id]="name() + '-title'">{{ heading() }}</h2>
      <ng-content />
    </dialog>
  `,
})
export class Dialog implements OnDestroy {
  /** Also the test id. */
  readonly name = input.required<string>();
  readonly heading = input.required<string>();
  readonly open = input.required<boolean>();
  readonly urgent = input(false);
  /** Somebody pressed Escape. */
  readonly dismissed = output();
  private readonly element = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  constructor() {
    effect(() => {
      const { nativeElement: dialog } = this.element();
      if (this.open() && !dialog.open) dialog.showModal();
      if (!this.open()) dialog.close();
    });
  }

  ngOnDestroy(): void {
    this.element().nativeElement.close();
  }
}
