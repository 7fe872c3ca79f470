import { TASK_POISONOUS } from '../../errors/task-errors.js';
import type { AdmissionStep } from './admission-step.js';

/** Parks a message that was delivered again and again and never settled: it seems to kill its worker. */
export const isolatePoison: AdmissionStep = ({ delivery, taskId, taskName }, { maxDeliveries }) =>
  delivery.deliveries <= maxDeliveries
    ? undefined
    : {
        kind: 'parked',
        error: TASK_POISONOUS.create({ taskId, taskName, deliveries: delivery.deliveries - 1 }),
      };
