import type { ConformanceCase } from '../conformance-case.js';
import { cancellationCases } from './cancellation-cases.js';
import { controlCases } from './control-cases.js';
import { hookCases } from './hook-cases.js';
import { outcomeCases } from './outcome-cases.js';
import { poisonCases } from './poison-cases.js';
import { retryCases } from './retry-cases.js';
import { timeCases } from './time-cases.js';

/** What happens to one task in a worker, whatever the driver. */
export const taskLifeCases: readonly ConformanceCase[] = [
  ...retryCases,
  ...outcomeCases,
  ...timeCases,
  ...cancellationCases,
  ...controlCases,
  ...hookCases,
  ...poisonCases,
];
