import type { ConformanceCase } from '../conformance-case.js';
import { atomicCases } from './atomic-cases.js';
import { claimCases } from './claim-cases.js';
import { contentCases } from './content-cases.js';
import { delayCases } from './delay-cases.js';
import { flowCases } from './flow-cases.js';
import { headersCases } from './headers-cases.js';
import { orderCases } from './order-cases.js';
import { publishCases } from './publish-cases.js';
import { routingCases } from './routing-cases.js';
import { settleCases } from './settle-cases.js';
import { suspectCases } from './suspect-cases.js';
import { unparkCases } from './unpark-cases.js';
import { upkeepCases } from './upkeep-cases.js';

/** What every broker promises. */
export const brokerCases: readonly ConformanceCase[] = [
  ...publishCases,
  ...routingCases,
  ...headersCases,
  ...orderCases,
  ...delayCases,
  ...flowCases,
  ...settleCases,
  ...claimCases,
  ...suspectCases,
  ...atomicCases,
  ...contentCases,
  ...unparkCases,
  ...upkeepCases,
];
