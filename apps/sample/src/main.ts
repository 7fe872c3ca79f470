import 'reflect-metadata';
import { TaskLogger } from '@lovage/nestjs';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { configureApp } from './configure-app.js';
import { explainStartError } from './explain-start-error.js';
import { Settings } from './settings.js';

// A start is one line, and so is a failure to start: Nest would report it too, with a stack.
const logger = new TaskLogger({ logLevels: ['fatal'] });

let app: NestExpressApplication | undefined;

try {
  app = await NestFactory.create<NestExpressApplication>(AppModule, {
    logger,
    abortOnError: false,
    // Pages that listen for events would keep the server from closing.
    forceCloseConnections: true,
  });
  configureApp(app);
  // SIGTERM and Ctrl-C: no new tasks, running ones may end, the rest is handed back; then the exit status is 0.
  app.enableShutdownHooks(undefined, { useProcessExit: true });
  const { port, host } = app.get(Settings);
  await app.listen(port, host);
  logger.setLogLevels(['fatal', 'error', 'warn', 'log']);
  const url = await app.getUrl();
  logger.log(`Open ${url} in a browser. The API is described at ${url}/api`, 'Sample');
} catch (error) {
  await app?.close();
  process.stderr.write(`${explainStartError(error)}\n`);
  process.exit(1);
}
