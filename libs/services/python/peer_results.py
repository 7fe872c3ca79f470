"""Result documents, written and read by Celery's key-value result backend with a dict for its store."""
import base64
import sys

from celery import states
from celery.app.task import Context
from celery.backends.base import KeyValueStoreBackend
from celery.result import result_from_tuple
from celery.utils.serialization import create_exception_cls

from peer_apps import app_for
from tagged_values import from_json, to_json

#: Fields of a document that have a place of their own in the answer of decode_result.
KNOWN = ('status', 'result', 'traceback', 'children', 'date_done', 'group_id', 'parent_id', 'task_id')


class DictBackend(KeyValueStoreBackend):
    def __init__(self, app, serializer):
        super().__init__(app, serializer=serializer)
        self.documents = {}

    def get(self, key):
        return self.documents.get(key)

    def set(self, key, value):
        self.documents[key] = value


def encode_result(params):
    app = app_for(params['config'])
    backend = DictBackend(app, params['serializer'])
    fields = from_json(params['request'])
    children = [result_from_tuple(child, app) for child in fields.pop('children', None) or []]
    request = Context({**fields, '_children': children})
    value = exception(params['exception']) if params['exception'] else from_json(params['value'])
    backend.store_result(params['task_id'], value, params['status'], params['traceback'], request)
    document = backend.get(backend.get_key_for_task(params['task_id']))
    data = document.encode('utf-8') if isinstance(document, str) else document
    return {'document': base64.b64encode(data).decode()}


def decode_result(params):
    app = app_for(params['config'])
    backend = DictBackend(app, params['serializer'])
    meta = backend.decode_result(base64.b64decode(params['document']))
    failed = meta['status'] in states.EXCEPTION_STATES
    return {
        'status': meta['status'],
        'value': None if failed else to_json(meta.get('result')),
        'exception': describe_exception(meta['result']) if failed else None,
        'traceback': meta.get('traceback'),
        'children': to_json(meta.get('children')),
        'date_done': to_json(meta.get('date_done')),
        'group_id': meta.get('group_id'),
        'parent_id': meta.get('parent_id'),
        'task_id': meta.get('task_id'),
        'other': to_json({name: value for name, value in meta.items() if name not in KNOWN}),
    }


def exception(params):
    """The exception that a task would have raised: a class that is there, else one made under that name."""
    module, name = params.get('module') or 'builtins', params['type']
    cls = getattr(sys.modules.get(module), name, None)
    if not (isinstance(cls, type) and issubclass(cls, BaseException)):
        cls = create_exception_cls(name, module)
    return cls(*from_json(params['args']))


def describe_exception(error):
    if error is None:
        return None
    cls = type(error)
    return {
        'type': cls.__qualname__,
        'module': cls.__module__,
        'bases': [f'{base.__module__}.{base.__qualname__}' for base in cls.__mro__],
        'args': to_json(list(error.args)),
        'text': str(error),
    }
