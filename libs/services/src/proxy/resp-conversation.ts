import { type RespRequest, requestOf } from '../resp/resp-request.js';
import { type RespFrame, RespSplitter } from '../resp/resp-splitter.js';
import type { RequestFault } from './request-fault.js';

/** What of a chunk goes on. With a fault: nothing after these bytes does. */
export interface Passage {
  readonly bytes: Buffer;
  readonly fault?: RequestFault;
}

interface Expected {
  readonly request: RespRequest;
  repliesLeft: number;
  readonly fault: RequestFault | undefined;
}

const subscribing = /^[PS]?SUBSCRIBE$/;
const unsubscribing = /^[PS]?UNSUBSCRIBE$/;
const published = new Set(['message', 'pmessage', 'smessage']);

/**
 * The requests and replies of one connection, and which reply belongs to which request: the n-th to the n-th, apart from
 * subscriptions, which have one for each channel, and from what the server says unasked. Not for MONITOR and CLIENT REPLY.
 */
export class RespConversation {
  private readonly requests = new RespSplitter();
  private readonly replies = new RespSplitter();
  private readonly expected: Expected[] = [];
  private readonly channels = new Map<string, Set<string>>();

  /** `onRequest` is asked, once for each request, for the fault that hits it. */
  constructor(private readonly onRequest: (request: RespRequest) => RequestFault | undefined) {}

  /** Whether the server has answered all that it got. */
  get answered(): boolean {
    return this.expected.length === 0;
  }

  fromClient(chunk: Buffer): Passage {
    const passing: Buffer[] = [];
    for (const frame of this.requests.push(chunk)) {
      const request = requestOf(frame);
      const fault = this.onRequest(request);
      if (fault?.kind === 'lose-request') {
        fault.fire(request);
        return { bytes: Buffer.concat(passing), fault };
      }
      this.expected.push({ request, repliesLeft: this.repliesTo(request), fault });
      passing.push(frame.bytes);
    }
    return { bytes: Buffer.concat(passing) };
  }

  fromServer(chunk: Buffer): Passage {
    const passing: Buffer[] = [];
    for (const frame of this.replies.push(chunk)) {
      const [first] = this.expected;
      if (first !== undefined && !this.isUnasked(frame)) {
        if (first.fault !== undefined) {
          first.fault.fire(first.request);
          return { bytes: Buffer.concat(passing), fault: first.fault };
        }
        first.repliesLeft -= 1;
        if (first.repliesLeft === 0 || frame.type === '-') this.expected.shift();
      }
      passing.push(frame.bytes);
    }
    return { bytes: Buffer.concat(passing) };
  }

  private repliesTo({ command, args }: RespRequest): number {
    const kind = command.replace('UN', '');
    const channels = this.channels.get(kind) ?? new Set();
    if (subscribing.test(command)) {
      for (const channel of args) channels.add(channel);
      this.channels.set(kind, channels);
      return args.length;
    }
    if (!unsubscribing.test(command)) return 1;
    const left = args.length === 0 ? [...channels] : args;
    for (const channel of left) channels.delete(channel);
    // Without any there is one reply that says so.
    return Math.max(1, left.length);
  }

  private isUnasked({ type, value }: RespFrame): boolean {
    if (type !== '>' && type !== '*') return false;
    const first = Array.isArray(value) ? String(value[0]) : '';
    if (type === '>') return !first.endsWith('subscribe');
    return this.channels.size > 0 && published.has(first);
  }
}
