import type { ConformanceCase } from '../conformance-case.js';
import { finalStateCases } from './final-state-cases.js';
import { joinCases } from './join-cases.js';
import { recordCases } from './record-cases.js';
import { watchCases } from './watch-cases.js';

/** What every result store promises. */
export const resultStoreCases: readonly ConformanceCase[] = [
  ...recordCases,
  ...finalStateCases,
  ...watchCases,
  ...joinCases,
];
