// The parent of the fixture: makes the application, runs tasks, says what became of them, closes.
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type * as Fixture from './pool-fixture.js';

const say = (what: string, value: unknown): void => console.log(`${what} ${JSON.stringify(value)}`);

// Not bundled with this program: children load the same file.
const { ShopModule, Clerk } = (await import(
  new URL('./pool-fixture.js', import.meta.url).href
)) as typeof Fixture;

let context: INestApplicationContext | undefined;
try {
  context = await NestFactory.createApplicationContext(ShopModule, { logger: false, abortOnError: false });
  const { shop, app } = context.get(Clerk);
  const outcome = async (
    sending: Promise<{ get: (options: object) => Promise<unknown> }>,
  ): Promise<unknown> => {
    try {
      return await (await sending).get({ timeout: '60s' });
    } catch (error) {
      const { remoteCode, message } = error as { remoteCode?: string; message: string };
      return { remoteCode, message };
    }
  };
  say('parent', { pid: process.pid, hostname: app.worker?.hostname });
  say('price', await outcome(shop.price.delay('  bread ')));
  say('stranger', await outcome(shop.price.delay('stranger')));
  say('where', await outcome(shop.where.delay()));
  say('where', await outcome(shop.where.delay()));
  say('die', await outcome(shop.die.delay()));
  say('where', await outcome(shop.where.delay()));
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  say('failed', { code, message });
}
await context?.close();
say('end', true);
