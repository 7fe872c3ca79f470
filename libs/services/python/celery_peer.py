"""Answers questions about Celery's wire format, asked as JSON lines on stdin: {"id", "operation", "params"}.

Answers, one line each: {"id", "ok"} or {"id", "error": {"type", "module", "message", "traceback", "outcome"}}.
The first line is {"ready": {versions, serializers, compressions}}. Ends when its input ends, so never outlives its parent.
"""
import json
import os
import sys
import traceback

# Whatever a library prints must not get between the answers: file descriptor 1 becomes stderr.
answers = os.fdopen(os.dup(1), 'w', encoding='utf-8')
os.dup2(2, 1)

import celery  # noqa: E402
import kombu  # noqa: E402
import kombu.compression  # noqa: E402
from kombu.serialization import registry  # noqa: E402

from peer_publisher import encode  # noqa: E402
from peer_results import decode_result, encode_result  # noqa: E402
from peer_worker import Refused, decode  # noqa: E402

OPERATIONS = {
    'encode': encode,
    'decode': decode,
    'encode_result': encode_result,
    'decode_result': decode_result,
}


def ready():
    return {
        'python': sys.version.split()[0],
        'celery': celery.__version__,
        'kombu': kombu.__version__,
        'serializers': sorted(registry._encoders),
        'compressions': sorted(kombu.compression._aliases),
    }


def error_of(raised):
    outcome, error = None, raised
    if isinstance(raised, Refused):
        outcome, error = raised.outcome, raised.cause or raised
    return {
        'type': type(error).__qualname__,
        'module': type(error).__module__,
        'message': str(error),
        'traceback': ''.join(traceback.format_exception(raised)),
        'outcome': outcome,
    }


def write(answer):
    answers.write(json.dumps(answer, allow_nan=False) + '\n')
    answers.flush()


def answer(line):
    request = json.loads(line)
    try:
        write({'id': request['id'], 'ok': OPERATIONS[request['operation']](request['params'])})
    except Exception as raised:
        write({'id': request['id'], 'error': error_of(raised)})


if __name__ == '__main__':
    write({'ready': ready()})
    for line in sys.stdin.buffer:
        answer(line)
