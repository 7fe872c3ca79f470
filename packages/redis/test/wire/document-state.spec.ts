import { type Encoded, defaultMessageLimits, encodeResult, type ResultRecord } from '@lovage/core';
import { describeWith, RedisServer } from '@lovage/services';
import { LuaScript } from '../../src/scripts/lua-script.js';
import { head, stating } from '../../src/scripts/parts.js';
import { showsState, stateAtHead, stateOf } from '../../src/wire/document-state.js';
import { RedisViews } from '../support/redis-views.js';
import { pythonDocuments, pythonTaskId } from '../support/result-documents.js';

const written = (serializer: 'json' | 'msgpack' | 'yaml', state = 'SUCCESS'): Encoded =>
  encodeResult(
    {
      taskId: pythonTaskId,
      state,
      result: { status: 'FAILURE' },
      traceback: undefined,
      children: [],
      dateDone: undefined,
      groupId: undefined,
      parentId: undefined,
      extended: undefined,
    } satisfies ResultRecord,
    { serializer, limits: defaultMessageLimits },
  );

const long = 'x'.repeat(300);

/** What it is, the document, the state in it. */
const documents: readonly (readonly [name: string, document: Encoded, state: string | undefined])[] = [
  ['JSON of Python', pythonDocuments.success, 'SUCCESS'],
  ['JSON of Python, another state', pythonDocuments.started, 'STARTED'],
  ['msgpack of Python', pythonDocuments.msgpackSuccess, 'SUCCESS'],
  ['YAML of Python', pythonDocuments.yamlSuccess, 'SUCCESS'],
  ['YAML with a state of several words', 'result: 1\nstatus: own state  \ntask_id: a\n', 'own state'],
  ['YAML with a state in quotes', "result: 1\nstatus: 'yes'\ntask_id: a\n", 'yes'],
  ['YAML that begins with it', 'status: SUCCESS\ntask_id: a\n', 'SUCCESS'],
  ['JSON of Lovage', written('json'), 'SUCCESS'],
  ['JSON of Lovage, a state of other letters', written('json', 'Zustand äöü 任务'), 'Zustand äöü 任务'],
  ['JSON with a state that needs escapes', written('json', 'a "b" \\ \n c'), 'a "b" \\ \n c'],
  ['JSON with a long state', written('json', long), long],
  ['msgpack of Lovage', written('msgpack'), 'SUCCESS'],
  ['msgpack with a longer state', written('msgpack', 'y'.repeat(100)), 'y'.repeat(100)],
  ['YAML of Lovage', written('yaml'), 'SUCCESS'],
  ['JSON in another order', '{"task_id":"a","status":"SUCCESS","result":{"status":"FAILURE"}}', 'SUCCESS'],
  ['JSON that is damaged', '{"task_id":"a","status":"SUCCESS"', undefined],
  ['JSON without a state', '{"task_id":"a"}', undefined],
  ['JSON whose state is no text', '{"task_id":"a","status":1}', undefined],
  ['JSON that is no object', '[{"status":"SUCCESS"}]', undefined],
  ['msgpack that ends too early', Buffer.from([0x86, 0xa6, 0x73, 0x74]), undefined],
  [
    'a pickle',
    Buffer.from('\u0080\u0002}q\u0000(X\u0006\u0000\u0000\u0000statusq\u0001', 'latin1'),
    undefined,
  ],
  ['nothing', '', undefined],
  ['other bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), undefined],
];

const bytesOf = (document: Encoded): Buffer => Buffer.from(document as string);

describe('the state inside a result document', () => {
  it.each(documents)('is found: %s', (_name, document, state) => {
    expect(stateOf(bytesOf(document))).toBe(state);
  });

  it('is what is kept beside it where the document does not tell', () => {
    expect(stateOf(Buffer.from('?'), 'SUCCESS')).toBe('SUCCESS');
    expect(stateOf(Buffer.from(pythonDocuments.started), 'SUCCESS')).toBe('STARTED');
  });

  it.each(documents)(
    'needs no place beside it only where it stands at the head: %s',
    (_name, document, state) => {
      for (const form of [bytesOf(document), bytesOf(document).toString()]) {
        const shown = state !== undefined && showsState(form, state);
        expect(shown && stateAtHead(bytesOf(document)) !== state).toBe(false);
        expect(showsState(form, 'ANOTHER')).toBe(false);
      }
    },
  );

  it('needs no place beside what Lovage writes as JSON', () => {
    expect(showsState(written('json'), 'SUCCESS')).toBe(true);
  });
});

describeWith('redis-server', 'the state inside a result document, as scripts find it', () => {
  const redis = new RedisServer();
  const views = new RedisViews();
  const script = new LuaScript(
    'states',
    `${head}${stating}
local answer = {}
for n = 1, #A do
  local atHead = stateAtHead(string.sub(A[n], 1, 200))
  answer[#answer + 1] = atHead and 'head ' .. atHead or ''
  answer[#answer + 1] = atHead or stateInside(A[n]) or 'none'
end
return answer`,
  );

  beforeAll(async () => await redis.start());

  afterAll(async () => {
    views.close();
    await redis.close();
  });

  it('is the same that drivers find', async () => {
    const store = await views.store(redis.url);
    const answer = await store.run(
      script,
      views.deadline(),
      documents.map(([, document]) => document),
    );
    expect(answer).toStrictEqual(
      documents.flatMap(([, document, state]) => {
        const atHead = stateAtHead(bytesOf(document));
        return [atHead === undefined ? '' : `head ${atHead}`, state ?? 'none'];
      }),
    );
  });
});
