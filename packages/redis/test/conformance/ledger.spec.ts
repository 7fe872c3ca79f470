import { describeLedger } from '@lovage/conformance';
import { redisHarness } from '../support/redis-harness.js';

describeLedger(redisHarness());
