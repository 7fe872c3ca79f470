"""Does what is asked of Python Celery: lines of JSON in, lines of JSON out, until the input ends.

The operations are those of src/redis/agent/agent-requests.ts. Usage: celery_agent.py solo|prefork URL
"""
import datetime
import json
import os
import resource
import signal
import subprocess
import sys
import time

import redis

from bench_app import QUEUE, echo, late, make_app

ANSWER_MARK = 'bench-answer '
POLL_SECONDS = 0.002
HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf('SC_CLK_TCK')


class Stretch:
    """Measures time and CPU from its creation on. `cpu` tells the seconds used by whoever does the work."""

    def __init__(self, server, cpu):
        self.server, self.cpu = server, cpu
        self.begin = time.monotonic()
        self.cpu_before, self.server_before = cpu(), server_cpu(server)

    def timed(self, count):
        return {
            'count': count,
            'seconds': time.monotonic() - self.begin,
            'cpuSeconds': self.cpu() - self.cpu_before,
            'serverCpuSeconds': server_cpu(self.server) - self.server_before,
        }


class Agent:
    def __init__(self, pool, url):
        self.pool, self.url = pool, url
        self.server = redis.Redis.from_url(url)
        self.app = make_app(url)
        self.task = self.app.tasks[echo.name]
        self.worker = None

    def note(self):
        return None

    def send(self, count, inFlight):
        del inFlight  # Celery's client blocks: one at a time.
        stretch = Stretch(self.server, own_cpu)
        for value in range(count):
            self.task.delay(value)
        return stretch.timed(count)

    def fill(self, count):
        for value in range(count):
            self.task.delay(value)

    def delay(self, count, dueMs):
        eta = datetime.datetime.fromtimestamp(dueMs / 1000, datetime.timezone.utc)
        for _ in range(count):
            self.app.tasks[late.name].apply_async((dueMs,), eta=eta)
        return True

    def drain(self, count, skip, concurrency):
        del concurrency  # The pool has its own.
        self.serve()
        self.wait_for_results(skip)
        stretch = Stretch(self.server, lambda: tree_cpu(self.worker.pid))
        self.wait_for_results(count)
        timed = stretch.timed(count - skip)
        self.halt()
        return timed

    def late(self, count, concurrency):
        del concurrency
        self.serve()
        while self.server.llen('late') < count:
            time.sleep(POLL_SECONDS)
        self.halt()
        return [float(value) for value in self.server.lrange('late', 0, -1)]

    def serve(self, concurrency=None):
        del concurrency
        self.worker = subprocess.Popen(
            [sys.executable, '-B', '-m', 'celery', '-A', 'bench_app', 'worker', '--queues', QUEUE, '--pool', self.pool,
             '--concurrency', '2' if self.pool == 'prefork' else '1', '--loglevel', 'error', '--without-gossip',
             '--without-mingle', '--without-heartbeat'],
            cwd=HERE, env={**os.environ, 'BENCH_URL': self.url}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )

    def halt(self):
        self.worker.send_signal(signal.SIGTERM)
        self.worker.wait()

    def roundTrips(self, count, skip):
        for value in range(skip):
            self.task.delay(value).get()
        times = []
        stretch = Stretch(self.server, own_cpu)
        for value in range(count):
            sent_at = time.monotonic()
            if self.task.delay(value).get() != value:
                raise ValueError('a wrong result')
            times.append((time.monotonic() - sent_at) * 1e6)
        return {'times': times, 'timed': stretch.timed(count)}

    def wait_for_results(self, count):
        """Each stored result is a key; besides them there are only a few."""
        while self.server.dbsize() < count:
            time.sleep(POLL_SECONDS)

    def close(self):
        if self.worker is not None and self.worker.poll() is None:
            self.halt()
        self.server.close()
        self.app.close()


def own_cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tree_cpu(pid):
    """Of a process and its children that live."""
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
        pids = [pid, *map(int, file.read().split())]
    total = 0
    for each in pids:
        with open(f'/proc/{each}/stat', encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def server_cpu(server):
    info = server.info('cpu')
    return float(info['used_cpu_user']) + float(info['used_cpu_sys'])


def main():
    agent = Agent(*sys.argv[1:])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {'answer': getattr(agent, request['operation'])(**request['params'])}
        except Exception as error:  # pylint: disable=broad-except
            answer = {'error': repr(error)}
        print(ANSWER_MARK + json.dumps(answer), flush=True)
    agent.close()


if __name__ == '__main__':
    main()
