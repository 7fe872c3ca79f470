import type { ConformanceCase } from '../conformance-case.js';
import { limitCases } from './limit-cases.js';
import { sendCases } from './send-cases.js';
import { uniqueCases } from './unique-cases.js';

/** Flow control, as whole processes on one store show it: core does it with what every ledger has. */
export const flowCases: readonly ConformanceCase[] = [...uniqueCases, ...limitCases, ...sendCases];
