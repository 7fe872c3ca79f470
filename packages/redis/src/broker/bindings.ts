import type { Deadline, ExchangeType } from '@lovage/core';
import { separator } from '../keys.js';
import type { RedisStore } from '../redis-store.js';
import { bindingsScript } from '../scripts/topology.js';
import { kombuExpression, topicExpression } from './topic-expression.js';
import { topicMatches } from './topic-match.js';

interface Binding {
  readonly routingKey: string;
  /** Regular expression of a topic binding; `''` for others. */
  readonly expression: string;
  readonly queue: string;
}

/** An exchange as it stands in the store. */
export class BoundExchange {
  /** @param type `undefined`: only Python has declared it, which does not tell the type */
  constructor(
    readonly type: ExchangeType | undefined,
    private readonly bindings: readonly Binding[],
  ) {}

  /** Queues that a message with this key goes to, each once. */
  queuesFor(routingKey: string): readonly string[] {
    return [
      ...new Set(
        this.bindings.filter((binding) => this.finds(binding, routingKey)).map(({ queue }) => queue),
      ),
    ];
  }

  /** Queues from which a consumer of Python may have a delivery: none of a fanout exchange, whose consumers listen. */
  takenFrom(routingKey: string): readonly string[] {
    return this.type === 'fanout' ? [] : this.queuesFor(routingKey);
  }

  private finds({ routingKey: bound, expression }: Binding, routingKey: string): boolean {
    const type = this.type ?? (expression === '' ? 'direct' : 'topic');
    if (type === 'fanout') return true;
    return type === 'direct' ? bound === routingKey : matches(bound, expression, routingKey);
  }
}

/** Longest routing key of AMQP. What is longer finds nothing by an expression that may need long for it. */
const longestKey = 255;

/** What kombu would find by its own expression it finds here too; all other patterns mean what AMQP says. */
function matches(pattern: string, expression: string, routingKey: string): boolean {
  if (expression !== kombuExpression(pattern)) return topicMatches(pattern, routingKey);
  return routingKey.length <= longestKey && new RegExp(expression, 's').test(routingKey);
}

/** The member of a binding set that stands for a binding. */
export function bindingMember(type: ExchangeType | undefined, routingKey: string, queue: string): string {
  const expression = type === 'topic' ? topicExpression(routingKey) : '';
  return [type === 'fanout' ? '' : routingKey, expression, queue].join(separator);
}

/** Reads exchanges, by name. */
export async function readBindings(
  store: RedisStore,
  exchanges: ReadonlySet<string>,
  deadline: Deadline,
): Promise<ReadonlyMap<string, BoundExchange>> {
  const names = [...exchanges];
  if (names.length === 0) return new Map();
  const answer = (await store.run(bindingsScript, deadline, [names.length, ...names])) as readonly (
    | string
    | readonly string[]
  )[];
  return new Map(
    names.map((name, index) => [
      name,
      new BoundExchange(typeOf(answer[index * 2]), membersOf(answer[index * 2 + 1])),
    ]),
  );
}

const typeOf = (value: unknown): ExchangeType | undefined =>
  value === 'direct' || value === 'topic' || value === 'fanout' ? value : undefined;

function membersOf(members: unknown): readonly Binding[] {
  return (Array.isArray(members) ? (members as readonly string[]) : []).flatMap((member) => {
    const [routingKey, expression, queue] = member.split(separator);
    return routingKey === undefined || expression === undefined || queue === undefined || queue === ''
      ? []
      : [{ routingKey, expression, queue }];
  });
}
