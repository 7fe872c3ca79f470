import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { closedAfterwards, compileApp } from './apps.js';

export type AdapterName = 'express' | 'fastify';

export interface HttpApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** An application that listens on a free port. */
export async function listen(
  adapter: AdapterName,
  metadata: ModuleMetadata,
  prepare: (app: INestApplication) => unknown = () => undefined,
  // Clients keep connections for seconds after their last answer, and closing would wait for them.
  forceCloseConnections = true,
): Promise<HttpApp> {
  const moduleRef = await compileApp(metadata);
  const app =
    adapter === 'express'
      ? moduleRef.createNestApplication({ forceCloseConnections })
      : moduleRef.createNestApplication(new FastifyAdapter({ forceCloseConnections }));
  closedAfterwards(app);
  prepare(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

/** One event of a stream as text. */
export async function* eventsOf(response: Response): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const parts = rest.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part.trim() !== '') yield part.trim();
  }
}

/** The JSON of an event's data. */
export function dataOf(event: string | undefined): unknown {
  const line = event?.split('\n').find((text) => text.startsWith('data: '));
  return line === undefined ? undefined : JSON.parse(line.slice('data: '.length));
}
