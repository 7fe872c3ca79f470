import { describeTaskLife } from '@lovage/conformance';
import { redisHarness } from '../support/redis-harness.js';

describeTaskLife(redisHarness());
