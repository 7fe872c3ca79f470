import type { WireMessage } from '../../src/message/wire-message.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';

afterEach(closeTestApps);

const good = {
  lang: 'py',
  task: 'math.add',
  id: 'bad-1',
  root_id: 'bad-1',
  parent_id: null,
  eta: null,
  expires: null,
  retries: 0,
  timelimit: [null, null],
};

function wire(change: Partial<WireMessage> & { readonly text?: string } = {}): WireMessage {
  const { text = '[[1, 2], {}, null]', ...rest } = change;
  return {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: good,
    properties: {},
    body: Buffer.from(text),
    ...rest,
  };
}

async function publish({ app }: TestApp, message: WireMessage): Promise<void> {
  await app.stores.broker.publish({
    publications: [{ message, exchange: '', routingKey: 'celery' }],
    deadline: app.stores.deadline(),
  });
}

async function parked({ app }: TestApp) {
  const page = await app.stores.inspector?.messages({
    queue: 'celery',
    place: 'parked',
    limit: 10,
    deadline: app.stores.deadline(),
  });
  return page?.messages ?? [];
}

const deep = '['.repeat(200_000) + ']'.repeat(200_000);

describe('a message that is no good', () => {
  it.each<[string, WireMessage, string, boolean]>([
    ['no JSON', wire({ text: '[[1, 2], {}' }), 'LOVAGE_BODY_UNDECODABLE', true],
    ['no bytes', wire({ text: '' }), 'LOVAGE_BODY_UNDECODABLE', true],
    ['no triple', wire({ text: '[[1, 2]]' }), 'LOVAGE_MESSAGE_INVALID', true],
    ['args null', wire({ text: '[null, {}, null]' }), 'LOVAGE_MESSAGE_INVALID', true],
    ['kwargs null', wire({ text: '[[], null, null]' }), 'LOVAGE_MESSAGE_INVALID', true],
    [
      'no task name and no protocol 1 body',
      wire({ headers: { id: 'bad-1' } }),
      'LOVAGE_MESSAGE_INVALID',
      true,
    ],
    ['no headers', wire({ headers: undefined as never }), 'LOVAGE_MESSAGE_INVALID', false],
    ['no id', wire({ headers: { ...good, id: undefined } }), 'LOVAGE_MESSAGE_INVALID', false],
    ['an id that is no text', wire({ headers: { ...good, id: 17 } }), 'LOVAGE_MESSAGE_INVALID', false],
    ['an empty eta', wire({ headers: { ...good, eta: '' } }), 'LOVAGE_MESSAGE_INVALID', true],
    ['an eta that is no time', wire({ headers: { ...good, eta: 'soon' } }), 'LOVAGE_MESSAGE_INVALID', true],
    ['expires as a number', wire({ headers: { ...good, expires: 60 } }), 'LOVAGE_MESSAGE_INVALID', true],
    ['an unknown content type', wire({ contentType: 'application/xml' }), 'LOVAGE_CONTENT_REFUSED', true],
    [
      'a charset in the content type',
      wire({ contentType: 'application/json; charset=utf-8' }),
      'LOVAGE_CONTENT_REFUSED',
      true,
    ],
    [
      'a pickle',
      wire({ contentType: 'application/x-python-serialize', contentEncoding: 'binary' }),
      'LOVAGE_CONTENT_REFUSED',
      true,
    ],
    [
      'an unknown compression',
      wire({ headers: { ...good, compression: 'application/x-rot13' } }),
      'LOVAGE_COMPRESSION_UNKNOWN',
      true,
    ],
    [
      'a broken compression',
      wire({ headers: { ...good, compression: 'application/x-gzip' } }),
      'LOVAGE_BODY_UNDECODABLE',
      true,
    ],
    [
      'a body that is too large',
      wire({ text: `[["${'x'.repeat(1_100_000)}"], {}, null]` }),
      'LOVAGE_MESSAGE_TOO_LARGE',
      true,
    ],
    ['a body that is too deep', wire({ text: `[[${deep}], {}, null]` }), 'LOVAGE_MESSAGE_TOO_DEEP', true],
    [
      'a hostile key',
      wire({ text: '[[{"__proto__": {"admin": true}}], {}, null]' }),
      'LOVAGE_HOSTILE_KEY',
      true,
    ],
    [
      'a hostile key in disguise',
      wire({ text: '[[{"\\u005f_proto__": {"admin": true}}], {}, null]' }),
      'LOVAGE_HOSTILE_KEY',
      true,
    ],
    ['a hostile keyword', wire({ text: '[[], {"__proto__": 1}, null]' }), 'LOVAGE_HOSTILE_KEY', true],
    ['an unknown task', wire({ headers: { ...good, task: 'math.sub' } }), 'LOVAGE_TASK_UNKNOWN', true],
    [
      'a task named like a method of Object',
      wire({ headers: { ...good, task: 'constructor' } }),
      'LOVAGE_TASK_UNKNOWN',
      true,
    ],
  ])(
    '%s: parked with its reason, told to the caller, and the worker goes on',
    async (_, message, code, hasId) => {
      const test = await testApp({ 'math.add': (x: number, y: number) => x + y });
      await publish(test, message);
      await expect((await test.app.client.send<number>('math.add', { args: [1, 2] })).get()).resolves.toBe(3);
      expect((await parked(test)).map(({ reason }) => reason?.code)).toEqual([code]);
      const { known, state, error } = await test.app.client.result('bad-1').snapshot();
      expect({ known, state: known ? state : undefined, code: error?.remoteCode }).toEqual(
        hasId ? { known: true, state: 'FAILURE', code } : { known: false, state: undefined, code: undefined },
      );
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
      expect(await test.event('worker-problem')).toMatchObject({ error: { code } });
    },
  );
});
