import type { INestApplication, INestApplicationContext, ModuleMetadata, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type TestingModule, Test } from '@nestjs/testing';

const opened: Pick<INestApplicationContext, 'close'>[] = [];

/** Closes, after the test, what the functions below have made. Called once by each spec file that uses them. */
export function closeAppsAfterEach(): void {
  afterEach(async () => {
    for (const app of opened.splice(0).toReversed()) await app.close();
  });
}

/** Hands an application to the closing after the test. */
export function closedAfterwards<T extends Pick<INestApplicationContext, 'close'>>(app: T): T {
  opened.push(app);
  return app;
}

/** An initialised application without HTTP. */
export async function startApp(metadata: ModuleMetadata): Promise<TestingModule> {
  return await closedAfterwards(await compileApp(metadata)).init();
}

/** An application whose providers are there and whose hooks have not run. */
export async function compileApp(metadata: ModuleMetadata): Promise<TestingModule> {
  return await Test.createTestingModule(metadata).setLogger(silent).compile();
}

/** An application as `main.ts` makes it. */
export async function createContext(module: Type): Promise<INestApplicationContext> {
  return closedAfterwards(
    await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false }),
  );
}

export const silent = {
  log: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  verbose: () => undefined,
  fatal: () => undefined,
};

export type { INestApplication, TestingModule };
