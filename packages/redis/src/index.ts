/** Lovage on Redis. Loaded by `@lovage/core` for URLs such as `redis://localhost:6379/0`. */
export { createDriver, type RedisDriver } from './redis-driver.js';
