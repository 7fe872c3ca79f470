import { defineError } from './define-error.js';

export const SERVICE_STOPPED = defineError<{ readonly service: string }>(
  'LOVAGE_SERVICE_STOPPED',
  'Something was asked of a service that is stopping or has stopped.',
  (d) =>
    `${d.service} is stopped and takes no more work. Make a new one, or keep it running while others use it.`,
);

export const DEADLINE_PASSED = defineError<{ readonly operation: string; readonly afterMs: number }>(
  'LOVAGE_DEADLINE_PASSED',
  'An operation did not end by its deadline.',
  (d) =>
    `${d.operation} did not end within ${d.afterMs} ms. It may still happen; ask again before you repeat it.`,
);

export const lifecycleErrors = [SERVICE_STOPPED, DEADLINE_PASSED];
