/** Lovage on RabbitMQ. Loaded by `@lovage/core` for URLs such as `amqp://localhost:5672//`. */
export { createDriver, type RabbitDriver } from './rabbit-driver.js';
