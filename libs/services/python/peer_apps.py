"""Celery applications of the peer, one for each configuration that a request asks for."""
import json

from celery import Celery

#: Everything but pickle, which nobody should accept from a wire.
ACCEPTED = ['json', 'msgpack', 'yaml']

_apps = {}


def app_for(config):
    """An application with these Celery settings. No broker: kombu's in-memory transport."""
    key = json.dumps(config, sort_keys=True)
    if key not in _apps:
        app = Celery('peer', broker='memory://', set_as_current=False)
        app.conf.update({'accept_content': ACCEPTED, 'worker_hijack_root_logger': False, **config})
        _apps[key] = app
    return _apps[key]
