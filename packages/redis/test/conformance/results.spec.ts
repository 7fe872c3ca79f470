import { describeResultStore } from '@lovage/conformance';
import { redisHarness } from '../support/redis-harness.js';

describeResultStore(redisHarness());
