"""Answers questions about Celery's wire format. Needs no broker. See json_lines for the protocol."""
import json_lines  # noqa: I001

import sys

import celery
import kombu
import kombu.compression
from kombu.serialization import registry

from peer_publisher import encode
from peer_results import decode_result, encode_result
from peer_worker import decode

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


if __name__ == '__main__':
    json_lines.serve(OPERATIONS, ready())
