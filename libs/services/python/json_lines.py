"""Answers questions asked as JSON lines on stdin: {"id", "operation", "params"}.

Answers, one line each, on stdout: {"id", "ok"} or {"id", "error": {"type", "module", "message", "traceback", "outcome"}}.
The first line is {"ready": …}. Ends when its input ends, so never outlives its parent. Import it before all else.
"""
import json
import os
import sys
import threading
import traceback

# Whatever a library prints must not get between the answers: file descriptor 1 becomes stderr.
answers = os.fdopen(os.dup(1), 'w', encoding='utf-8')
os.dup2(2, 1)
writing = threading.Lock()


def error_of(raised):
    """An exception may say what it stands for (`cause`) and what follows from it (`outcome`)."""
    error = getattr(raised, 'cause', None) or raised
    return {
        'type': type(error).__qualname__,
        'module': type(error).__module__,
        'message': str(error),
        'traceback': ''.join(traceback.format_exception(raised)),
        'outcome': getattr(raised, 'outcome', None),
    }


def write(answer):
    line = json.dumps(answer, allow_nan=False) + '\n'
    with writing:
        answers.write(line)
        answers.flush()


def answer(operations, line):
    request = json.loads(line)
    try:
        write({'id': request['id'], 'ok': operations[request['operation']](request['params'])})
    except Exception as raised:
        write({'id': request['id'], 'error': error_of(raised)})


def serve(operations, ready, submit=lambda work, *args: work(*args)):
    """`submit` runs the work for each line: at once and in their order, unless it is a thread pool's."""
    write({'ready': ready})
    for line in sys.stdin.buffer:
        submit(answer, operations, line)
