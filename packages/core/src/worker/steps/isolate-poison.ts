import { TASK_POISONOUS } from '../../errors/task-errors.js';
import type { AdmissionStep } from './admission-step.js';

/** Parks a message that was delivered again and again and never settled: it seems to kill its worker. */
export const isolatePoison: AdmissionStep = (run, { maxDeliveries }) => {
  const { deliveries } = run;
  if (deliveries <= maxDeliveries) return undefined;
  const { taskId, taskName } = run;
  return { kind: 'parked', error: TASK_POISONOUS.create({ taskId, taskName, deliveries: deliveries - 1 }) };
};
