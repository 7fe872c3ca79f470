/** One queue as the node itself counts it: at this very moment, but of quorum queues as of the last of their ticks, which come every 5 s. */
export interface RabbitQueueEntry {
  readonly name: string;
  /** Of the queue: `classic`, `quorum` or `stream`. */
  readonly type: string;
  /** Ready and unacknowledged. */
  readonly messages: number;
  readonly ready: number;
  readonly unacknowledged: number;
  readonly consumers: number;
}

/** Erlang that lists the queues of a virtual host as values of {@link RabbitQueueEntry}. Of a queue that is down: 0. */
export function queuesExpression(vhost: string): string {
  return [
    `[begin`,
    `Of = fun(Key) -> case lists:keyfind(Key, 1, I) of {_, V} when is_integer(V) -> V; _ -> 0 end end,`,
    `{_, {resource, _, queue, Name}} = lists:keyfind(name, 1, I),`,
    `{_, Type} = lists:keyfind(type, 1, I),`,
    `#{name => Name, type => Type, messages => Of(messages), ready => Of(messages_ready),`,
    `unacknowledged => Of(messages_unacknowledged), consumers => Of(consumers)}`,
    `end || I <- rabbit_amqqueue:info_all(<<"${vhost}">>,`,
    `[name, type, messages, messages_ready, messages_unacknowledged, consumers])].`,
  ].join(' ');
}
