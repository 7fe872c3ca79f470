import { describeBroker } from '@lovage/conformance';
import { redisHarness } from '../support/redis-harness.js';

// Time is real here: each sequence of the model test takes seconds.
describeBroker(redisHarness(), { runs: 20, commands: 40 });
