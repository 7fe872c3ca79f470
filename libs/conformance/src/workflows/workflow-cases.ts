import type { ConformanceCase } from '../conformance-case.js';
import { articleCases } from './article-cases.js';
import { chordUnlockCases } from './chord-unlock-cases.js';
import { failingMemberCases } from './failing-member-cases.js';
import { failureCases } from './failure-cases.js';
import { handleCases } from './handle-cases.js';
import { workflowModelCases } from './model-cases.js';
import { nestedCases } from './nested-cases.js';
import { repeatedIdCases } from './repeated-id-cases.js';
import { additionCases } from './addition-cases.js';
import { replacementCases } from './replacement-cases.js';
import { revocationCases } from './revocation-cases.js';
import { unroutableCases } from './unroutable-cases.js';

export const workflowCases: readonly ConformanceCase[] = [
  ...articleCases,
  ...nestedCases,
  ...failureCases,
  ...failingMemberCases,
  ...unroutableCases,
  ...repeatedIdCases,
  ...replacementCases,
  ...additionCases,
  ...revocationCases,
  ...handleCases,
  ...chordUnlockCases,
  ...workflowModelCases(100),
];
