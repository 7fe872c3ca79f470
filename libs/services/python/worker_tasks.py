"""Tasks of a CeleryWorker, with what tests want to see of a Python worker.

JSON in the environment: LOVAGE_CELERY_SETTINGS, and names of broadcasts in LOVAGE_CELERY_BROADCASTS.
"""
import json
import os
import time

from celery import Celery
from kombu import Queue
from kombu.common import Broadcast

from tagged_values import to_json

app = Celery('interop')
app.conf.update({'accept_content': ['json', 'msgpack', 'yaml'], **json.loads(os.environ['LOVAGE_CELERY_SETTINGS'])})
broadcasts = [Broadcast(name) for name in json.loads(os.environ.get('LOVAGE_CELERY_BROADCASTS', '[]'))]
if broadcasts:
    # With queues of one's own, the standard one is only there when it is named.
    app.conf.task_queues = [Queue(app.conf.task_default_queue), *broadcasts]


class InteropError(Exception):
    """An exception of the application, with more than a text."""


@app.task(name='interop.add')
def add(x, y):
    return x + y


@app.task(name='interop.mul')
def mul(x, y):
    return x * y


@app.task(name='interop.xsum')
def xsum(numbers):
    return sum(numbers)


@app.task(name='interop.fold')
def fold(*args):
    """A number that depends on all numbers in its arguments, on their order, and on the last one most."""
    total = 7
    for number in numbers_in(args):
        total = (total * 31 + number) % 1000003
    return total


def numbers_in(value):
    return [number for item in value for number in numbers_in(item)] if isinstance(value, (list, tuple)) else [value]


@app.task(name='interop.tell')
def tell(path, *args):
    """Appends its arguments to a file as one line of JSON."""
    note(path, json.dumps(args) + '\n')
    return args[-1] if args else None


@app.task(name='interop.echo')
def echo(*args, **kwargs):
    return {'args': list(args), 'kwargs': kwargs}


@app.task(name='interop.describe')
def describe(*args, **kwargs):
    """The arguments with their Python types, see tagged_values."""
    return {'args': to_json(list(args)), 'kwargs': to_json(kwargs)}


@app.task(name='interop.fail')
def fail(message):
    raise ValueError(message)


@app.task(name='interop.fail_custom')
def fail_custom(message, number):
    raise InteropError(message, number)


@app.task(name='interop.slow')
def slow(seconds):
    time.sleep(seconds)
    return seconds


@app.task(name='interop.slow_late', acks_late=True, reject_on_worker_lost=True)
def slow_late(seconds):
    time.sleep(seconds)
    return seconds


@app.task(name='interop.ignored', ignore_result=True)
def ignored(value):
    return value


@app.task(name='interop.retry_then', bind=True, max_retries=None)
def retry_then(self, retries, countdown=0):
    """Asks for a retry so many times, then returns how many there were."""
    if self.request.retries < retries:
        raise self.retry(countdown=countdown)
    return self.request.retries


@app.task(name='interop.progress', bind=True)
def progress(self, steps, seconds=0):
    for step in range(1, steps + 1):
        self.update_state(state='PROGRESS', meta={'done': step, 'of': steps})
        time.sleep(seconds)
    return steps


@app.task(name='interop.hostname', bind=True)
def hostname(self):
    return self.request.hostname


@app.task(name='interop.request', bind=True)
def request(self, *args, **kwargs):
    """What the worker knows of the call."""
    context = self.request
    names = (
        'id', 'args', 'kwargs', 'root_id', 'parent_id', 'group', 'group_index', 'retries', 'eta', 'expires', 'origin',
        'correlation_id', 'reply_to', 'timelimit', 'delivery_info', 'argsrepr', 'kwargsrepr', 'shadow', 'headers',
        'ignore_result', 'hostname',
    )
    known = {name: to_json(getattr(context, name, None)) for name in names}
    # Headers of the caller's own are there beside Celery's.
    other = {name: to_json(value) for name, value in vars(context).items() if name not in names and name[0] != '_'}
    return {**known, 'other': other}


@app.task(name='interop.swap', bind=True)
def swap(self, signature):
    """Lets a signature take its place."""
    raise self.replace(app.signature(signature))


@app.task(name='interop.extend', bind=True)
def extend(self, number, *signatures):
    """Adds signatures to the chord that it is a part of, then gives the number."""
    for signature in signatures:
        self.add_to_chord(app.signature(signature))
    return number


@app.task(name='interop.account', bind=True, acks_late=True)
def account(self, path, seconds=0):
    """Appends START and END with its id to a file. One write each: what the kernel has survives SIGKILL."""
    note(path, f'START {self.request.id} {self.request.retries}\n')
    time.sleep(seconds)
    note(path, f'END {self.request.id}\n')


@app.task(name='interop.send')
def send(name, args, kwargs=None, options=None):
    """Sends another task, known by name only; returns its id."""
    return app.send_task(name, args, kwargs or {}, **(options or {})).id


def note(path, line):
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
