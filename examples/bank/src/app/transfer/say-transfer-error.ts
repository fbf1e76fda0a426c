import { HttpErrorResponse } from '@angular/common/http';
import { isSessionError } from '@latchkey/client';
import { sayError } from '../api/say-error.js';

const unknown =
  'The bank’s answer did not arrive, so we do not know whether your money has moved. Send it again as it is: it moves once.';

/** What a gateway answers that had passed the order on. */
const gateways = [502, 504];

/** Says why a transfer failed; where nobody can tell whether it did, that, and that trying again is safe. */
export const sayTransferError = (error: unknown): string => (mayBeMade(error) ? unknown : sayError(error));

function mayBeMade(error: unknown): boolean {
  if (!(error instanceof HttpErrorResponse)) return false;
  // Without a token it was not even sent.
  const isLost = error.status === 0 && !isSessionError(error.error);
  return isLost || error.ok || gateways.includes(error.status);
}
