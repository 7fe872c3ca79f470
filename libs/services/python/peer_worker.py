"""What a Python worker makes of a message: Celery's own consumer, strategy and request, up to the call of the task."""
import types

from celery.worker import state as worker_state
from celery.worker.consumer.consumer import Consumer
from celery.worker.request import Request

from peer_apps import app_for
from tagged_values import to_json


class Refused(Exception):
    """The worker does not run the task. `outcome` says what it does instead."""

    def __init__(self, outcome, cause):
        super().__init__(str(cause) if cause is not None else outcome)
        self.outcome = outcome
        self.cause = cause


class RecordingRequest(Request):
    """Celery's request; also remembers the last one made, as one that has expired is handed to nobody."""

    last = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        RecordingRequest.last = self


def any_task(*_args, **_kwargs):
    """Never called. No lambda: Celery compiles a function with the same name as the task's."""


class Strategies(dict):
    """Task name → strategy. Makes a task for each name that comes, or only for the registered ones."""

    def __init__(self, app, consumer, registered):
        super().__init__()
        self.app, self.consumer, self.registered = app, consumer, registered

    def __missing__(self, name):
        if self.registered is not None and name not in self.registered:
            raise KeyError(name)
        if name not in self.app.tasks:
            self.app.task(any_task, name=name, Request=RecordingRequest)
        self[name] = self.app.tasks[name].start_strategy(self.app, self.consumer)
        return self[name]


class Receiver:
    """The parts of a worker's consumer that its message handler uses. Records what the handler decides."""

    hostname = 'peer@example.com'
    connection_errors = ()
    event_dispatcher = None
    disable_rate_limits = True
    task_buckets = {}
    on_task_message = ()
    apply_eta_task = _limit_task = _limit_post_eta = None

    def __init__(self, app, registered):
        self.refusal = None
        self.accepted = False
        self.qos = types.SimpleNamespace(increment_eventually=lambda: None)
        self.pool = types.SimpleNamespace(apply_async=None)
        self.controller = types.SimpleNamespace(state=worker_state)
        self.timer = types.SimpleNamespace(call_at=self.accept)
        self.strategies = Strategies(app, self, registered)

    def call_soon(self, *_args, **_kwargs):
        """Acknowledgements and rejections: nobody is there to take them."""

    def accept(self, *_args, **_kwargs):
        self.accepted = True

    on_task_request = accept

    def on_unknown_message(self, _body, _message):
        self.refusal = Refused('unknown-message', None)

    def on_unknown_task(self, _body, _message, exc):
        self.refusal = Refused('unknown-task', exc)

    def on_invalid_task(self, _body, _message, exc):
        self.refusal = Refused('invalid-task', exc)

    def on_decode_error(self, _message, exc):
        self.refusal = Refused('decode-error', exc)


def decode(params):
    app = app_for(params['config'])
    receiver = Receiver(app, params['registered'])
    RecordingRequest.last = None
    try:
        message = receive(app, receiver, params['envelope'])
    except Exception as exc:
        # Celery's worker has no handler above its message handler: it ends with "Unrecoverable error".
        raise Refused('worker-exits', exc) from exc
    finally:
        # Celery keeps these for the life of a worker: ids of expired tasks would count as revoked from now on.
        worker_state.revoked.clear()
        worker_state.reserved_requests.clear()
        worker_state.requests.clear()
    if receiver.refusal is not None:
        raise receiver.refusal
    return describe(RecordingRequest.last, message, expired=not receiver.accepted)


def receive(app, receiver, envelope):
    """Lets one queued message run through kombu's consumer into Celery's message handler, as in a worker's loop."""
    handler = Consumer.create_task_handler(receiver)
    seen = []

    def on_message(message):
        seen.append(message)
        handler(message)

    with app.connection_for_read() as connection:
        channel = connection.default_channel
        queue = app.amqp.queues[app.conf.task_default_queue]
        consumer = app.amqp.TaskConsumer(channel, queues=[queue], on_decode_error=receiver.on_decode_error)
        consumer.on_message = on_message
        channel.queue_purge(queue.name)
        channel._put(queue.name, envelope)
        consumer.consume(no_ack=True)
        connection.drain_events(timeout=1)
    return seen[0] if seen else None


def describe(request, message, expired):
    context = request._context
    return {
        'expired': expired,
        'task': request.type,
        'shown_name': request.name,
        'id': request.id,
        'args': to_json(request.args),
        'kwargs': to_json(request.kwargs),
        'eta': request.eta and request.eta.isoformat(),
        'expires': request.expires and request.expires.isoformat(),
        'utc': request.utc,
        'retries': context.retries,
        'group': context.group,
        'group_index': context.group_index,
        'root_id': request.root_id,
        'parent_id': request.parent_id,
        'time_limit': request.time_limits[0],
        'soft_time_limit': request.time_limits[1],
        'callbacks': to_json(context.callbacks),
        'errbacks': to_json(context.errbacks),
        'chain': to_json(context.chain),
        'chord': to_json(context.chord),
        'argsrepr': request.argsrepr,
        'kwargsrepr': request.kwargsrepr,
        'ignore_result': request.ignore_result,
        'reply_to': context.reply_to,
        'correlation_id': context.correlation_id,
        'priority': request.delivery_info['priority'],
        'origin': context.origin,
        'headers': message.headers,
    }
