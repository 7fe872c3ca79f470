import type { ConformanceCase } from '../conformance-case.js';
import { leaseCases } from './lease-cases.js';
import { recordCases } from './record-cases.js';
import { revocationCases } from './revocation-cases.js';
import { tickCases } from './tick-cases.js';
import { tokenCases } from './token-cases.js';
import { upkeepCases } from './upkeep-cases.js';

/** What every ledger promises. */
export const ledgerCases: readonly ConformanceCase[] = [
  ...leaseCases,
  ...tickCases,
  ...tokenCases,
  ...revocationCases,
  ...recordCases,
  ...upkeepCases,
];
