"""A Celery application that sends tasks to a real broker and waits for their results. See json_lines for the protocol.

Started with one argument: its Celery settings as JSON.
"""
import json_lines  # noqa: I001

import base64
import concurrent.futures
import json
import sys

import celery
import kombu
import kombu.utils.json
from celery import Celery, states

from peer_publisher import send_options
from peer_results import describe_exception
from tagged_values import from_json, to_json

app = Celery('client', set_as_current=False)


def send(params):
    options = send_options(app, from_json(params['options']))
    # delay(2, 3) makes a tuple, as is seen in the header argsrepr.
    args = tuple(from_json(params['args']))
    return {'id': app.send_task(params['name'], args, from_json(params['kwargs']), **options).id}


def apply(params):
    result = app.signature(from_json(params['signature'])).apply_async()
    return {'id': result.id, 'tuple': to_json(json.loads(json.dumps(result.as_tuple())))}


def compose(params):
    """A canvas as Python's own operators build it, in its JSON form: a number is a task, a list a composition of what follows its kind."""
    return json.loads(kombu.utils.json.dumps(canvas_of(params['expression'])))


def canvas_of(expression):
    if not isinstance(expression, list):
        return app.signature('interop.fold', args=(expression,))
    kind, *parts = expression
    members = [canvas_of(part) for part in parts]
    if kind == 'chain':
        return celery.chain(*members)
    return celery.group(members) if kind == 'group' else celery.chord(members[:-1], members[-1])


def read(params):
    """What Python makes of the JSON form of a canvas, in its JSON form."""
    return json.loads(kombu.utils.json.dumps(app.signature(params['signature'])))


def get(params):
    result = app.AsyncResult(params['id'])
    # With the exception as a value: raising it here would be an error of this program.
    value = result.get(timeout=params['timeout'], propagate=False)
    return describe(result, value)


def call(params):
    """Sends and waits in one thread: with results by rpc, Celery gives each thread a queue of its own."""
    return {**get({'id': send(params)['id'], 'timeout': params['timeout']})}


def peek(params):
    result = app.AsyncResult(params['id'])
    return describe(result, result.result)


def describe(result, value):
    status = result.status
    failed = status in states.EXCEPTION_STATES
    return {
        'status': status,
        'value': None if failed else to_json(value),
        'exception': describe_exception(value) if failed else None,
        'traceback': result.traceback,
    }


def document(params):
    data = app.backend.get(app.backend.get_key_for_task(params['id']))
    data = data.encode('utf-8') if isinstance(data, str) else data
    return None if data is None else base64.b64encode(data).decode()


def forget(params):
    app.AsyncResult(params['id']).forget()


def revoke(params):
    app.control.revoke(params['id'], terminate=params['terminate'], signal=params['signal'])


def inspect(params):
    inspector = app.control.inspect(destination=params['destination'], timeout=params['timeout'])
    return to_json(getattr(inspector, params['method'])() or {})


OPERATIONS = {
    'send': send,
    'apply': apply,
    'compose': compose,
    'read': read,
    'get': get,
    'call': call,
    'peek': peek,
    'document': document,
    'forget': forget,
    'revoke': revoke,
    'inspect': inspect,
}

if __name__ == '__main__':
    app.conf.update({'accept_content': ['json', 'msgpack', 'yaml'], **json.loads(sys.argv[1])})
    versions = {'python': sys.version.split()[0], 'celery': celery.__version__, 'kombu': kombu.__version__}
    # One thread for each question, so that one that waits holds up no other. Celery has a result backend per thread.
    with concurrent.futures.ThreadPoolExecutor(max_workers=32) as pool:
        json_lines.serve(OPERATIONS, versions, pool.submit)
