import { describeTaskLife, resultsElsewhere } from '@lovage/conformance';
import { redisHarness } from '../support/redis-harness.js';

const harness = redisHarness();
describeTaskLife(harness);
describeTaskLife(resultsElsewhere(harness));
