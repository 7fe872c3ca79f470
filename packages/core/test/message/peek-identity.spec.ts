import { peekIdentity } from '../../src/message/peek-identity.js';
import type { WireMessage } from '../../src/message/wire-message.js';
import { taskId, wireMessage } from './support/sample-message.js';

describe('peekIdentity', () => {
  it('reads the headers, whatever the body is', () => {
    expect(peekIdentity(wireMessage({ bytes: Buffer.from('?') }))).toEqual({ taskId, taskName: 'math.add' });
  });

  it('knows a message of protocol 1 by its correlation id', () => {
    expect(peekIdentity({ ...wireMessage(), headers: {} })).toEqual({ taskId, taskName: undefined });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['no headers', { headers: null, properties: null }],
    ['names of other types', { headers: { id: 5, task: {} }, properties: { correlationId: '' } }],
    ['endless names', { headers: { id: 'x'.repeat(2000), task: 'x'.repeat(2000) }, properties: {} }],
    [
      'a hostile object',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('gives nothing for %s, and never throws', (_title, message) => {
    expect(peekIdentity(message as WireMessage)).toEqual({ taskId: undefined, taskName: undefined });
  });
});
