import { describeDestinations } from '@lovage/conformance';
import { redisHarness } from '../support/redis-harness.js';

describeDestinations(redisHarness());
