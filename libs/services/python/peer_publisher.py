"""What a Python caller puts on the wire: sent by Celery's own send_task into kombu's in-memory transport."""
import datetime

from celery.canvas import Signature
from kombu.utils.json import dumps as kombu_dumps

from peer_apps import app_for
from tagged_values import from_json


def encode(params):
    """Sends one task and returns the message as kombu queued it: the text that would go to Redis."""
    app = app_for(params['config'])
    options = send_options(app, from_json(params['options']))
    queue = options.get('queue') or app.conf.task_default_queue
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        channel.queue_declare(queue)
        channel.queue_purge(queue)
        producer = app.amqp.Producer(connection, auto_declare=False)
        # delay(2, 3) makes a tuple, as is seen in the header argsrepr.
        args = tuple(from_json(params['args']))
        app.send_task(params['name'], args, from_json(params['kwargs']), producer=producer, **options)
        return {'envelope': kombu_dumps(channel._get(queue))}


def send_options(app, options):
    for name in ('eta', 'expires'):
        if isinstance(options.get(name), str):
            options[name] = datetime.datetime.fromisoformat(options[name])
    for name in ('link', 'link_error', 'chain'):
        if options.get(name) is not None:
            options[name] = [signature(app, item) for item in options[name]]
    if options.get('chord') is not None:
        options['chord'] = signature(app, options['chord'])
    return options


def signature(app, json):
    """The signature object that a Python caller would have; fields that are left out get Celery's defaults."""
    if json.get('subtask_type'):
        return app.signature(json)
    return Signature(
        json['task'],
        args=tuple(json.get('args') or ()),
        kwargs=json.get('kwargs'),
        options=json.get('options'),
        immutable=json.get('immutable', False),
        app=app,
    )
