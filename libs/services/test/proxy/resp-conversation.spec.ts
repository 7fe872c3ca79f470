import { encodeRequest } from '@lovage/services';
import { RequestFault } from '../../src/proxy/request-fault.js';
import { RespConversation } from '../../src/proxy/resp-conversation.js';

const message = '*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\ntext\r\n';
const push = '>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\ntext\r\n';
const subscribed = '*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n';
const unsubscribed = '*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n';

/** Sends the requests, of which the last one loses its reply; gives what passed of what the server says. */
function passing(requests: readonly string[], ...said: readonly string[]): string {
  const fault = new RequestFault('lose-reply', { nth: requests.length });
  const conversation = new RespConversation((request) => (fault.chooses(request) ? fault : undefined));
  for (const request of requests) conversation.fromClient(encodeRequest(request.split(' ')));
  const passed = conversation.fromServer(Buffer.from(said.join('')));
  expect(passed.fault === fault).toBe(fault.hasFired);
  return passed.bytes.toString() + (fault.hasFired ? '!' : '');
}

describe('RespConversation', () => {
  it('gives the n-th reply to the n-th request', () => {
    expect(passing(['PING', 'GET a'], '+PONG\r\n', '$-1\r\n')).toBe('+PONG\r\n!');
    expect(passing(['MULTI', 'GET a', 'EXEC'], '+OK\r\n+QUEUED\r\n')).toBe('+OK\r\n+QUEUED\r\n');
    expect(passing(['BLPOP a 0'])).toBe('');
  });

  it('counts a reply for each channel', () => {
    expect(passing(['SUBSCRIBE a b', 'PING'], subscribed, subscribed, '+PONG\r\n')).toBe(
      `${subscribed.repeat(2)}!`,
    );
    expect(passing(['SUBSCRIBE a b', 'UNSUBSCRIBE', 'PING'], subscribed, subscribed)).toBe(
      subscribed.repeat(2),
    );
    const four = [subscribed, subscribed, unsubscribed, unsubscribed];
    expect(passing(['SUBSCRIBE a b', 'UNSUBSCRIBE', 'PING'], ...four)).toBe(four.join(''));
    expect(passing(['SUBSCRIBE a b', 'UNSUBSCRIBE', 'PING'], ...four, '+PONG\r\n')).toBe(`${four.join('')}!`);
    expect(passing(['UNSUBSCRIBE', 'PING'], unsubscribed, '+PONG\r\n')).toBe(`${unsubscribed}!`);
  });

  it('counts one error for a subscription that is refused', () => {
    expect(passing(['SUBSCRIBE a b', 'PING'], '-NOPERM no\r\n', '+PONG\r\n')).toBe('-NOPERM no\r\n!');
  });

  it('knows what the server says unasked', () => {
    expect(passing(['SUBSCRIBE a', 'PING'], subscribed, message, message)).toBe(
      subscribed + message + message,
    );
    expect(passing(['GET a'], push, '$-1\r\n')).toBe(`${push}!`);
    expect(passing(['GET a'], '>2\r\n$10\r\ninvalidate\r\n*0\r\n')).toBe('>2\r\n$10\r\ninvalidate\r\n*0\r\n');
    expect(passing(['SUBSCRIBE a', 'PING'], subscribed.replace('*', '>'), '+PONG\r\n')).toBe(
      `${subscribed.replace('*', '>')}!`,
    );
  });

  it('does not take a list for a published message', () => {
    expect(passing(['LRANGE list 0 -1'], message)).toBe('!');
  });
});
