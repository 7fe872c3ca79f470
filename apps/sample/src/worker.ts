import 'reflect-metadata';
import { TaskLogger } from '@lovage/nestjs';
import { NestFactory } from '@nestjs/core';
import { explainStartError } from './explain-start-error.js';
import { Settings } from './settings.js';

// Executes tasks and answers no requests. As many of these may run as there is work for, on as many machines.

const logger = new TaskLogger({ logLevels: ['fatal'] });

try {
  process.env['LOVAGE_WORKER'] = 'true';
  // Read when the module is loaded: after the line above.
  const { AppModule } = await import('./app.module.js');
  const app = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  logger.setLogLevels(['fatal', 'error', 'warn', 'log']);
  // Without what may be a password.
  const { protocol, host } = new URL(app.get(Settings).broker);
  logger.log(`Executes tasks from ${protocol}//${host}`, 'Sample worker');
} catch (error) {
  process.stderr.write(`${explainStartError(error)}\n`);
  process.exit(1);
}
