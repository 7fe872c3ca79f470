import { describeInspector } from '@lovage/conformance';
import { redisHarness } from '../support/redis-harness.js';

describeInspector(redisHarness());
