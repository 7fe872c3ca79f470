import { canvasErrors } from './canvas-errors.js';
import { clientErrors } from './client-errors.js';
import { configErrors } from './config-errors.js';
import { lifecycleErrors } from './lifecycle-errors.js';
import { messageErrors } from './message-errors.js';
import { scheduleErrors } from './schedule-errors.js';
import { poolErrors } from './pool-errors.js';
import { storeErrors } from './store-errors.js';
import { taskErrors } from './task-errors.js';
import { workerErrors } from './worker-errors.js';

/** Every error that this package throws, with its code and one sentence; compared with docs/errors.md by a test. */
export const errorCatalogue = [
  ...configErrors,
  ...messageErrors,
  ...taskErrors,
  ...clientErrors,
  ...workerErrors,
  ...poolErrors,
  ...storeErrors,
  ...scheduleErrors,
  ...canvasErrors,
  ...lifecycleErrors,
].map(({ code, summary }) => ({ code, summary }));

export * from './canvas-errors.js';
export * from './client-errors.js';
export * from './config-errors.js';
export * from './lifecycle-errors.js';
export * from './message-errors.js';
export * from './schedule-errors.js';
export * from './pool-errors.js';
export * from './store-errors.js';
export * from './task-errors.js';
export * from './worker-errors.js';
