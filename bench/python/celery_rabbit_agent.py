"""Python Celery on RabbitMQ with results in Redis: celery_rabbit_agent.py OPERATION COUNT BROKER RESULTS. Its last line is JSON."""
import json
import os
import subprocess
import sys
import time

import redis

from bench_app import QUEUE, echo, make_app

operation, count, broker, results = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
TICKS = os.sysconf('SC_CLK_TCK')
HERE = os.path.dirname(os.path.abspath(__file__))


def cpu_of(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
        fields = stat.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def tell(seconds, cpu, done):
    print(json.dumps({'seconds': seconds, 'cpuSeconds': cpu, 'count': done}), flush=True)


if operation == 'send':
    app = make_app(broker)
    # As safe as the others: the broker confirms each.
    app.conf.update(result_backend=results, broker_transport_options={'confirm_publish': True})
    task = app.tasks[echo.name]
    task.delay(0)
    begin, cpu = time.monotonic(), time.process_time()
    for value in range(count):
        task.delay(value)
    tell(time.monotonic() - begin, time.process_time() - cpu, count)
else:
    server = redis.Redis.from_url(results)
    worker = subprocess.Popen(
        [sys.executable, '-B', '-m', 'celery', '-A', 'bench_app', '--result-backend', results, 'worker', '--queues', QUEUE,
         '--pool', 'solo', '--loglevel', 'error', '--without-gossip', '--without-mingle'],
        cwd=HERE, env={**os.environ, 'BENCH_URL': broker, 'C_FORCE_ROOT': '1'}, stdout=subprocess.DEVNULL)
    skip = max(1, count // 10)
    while server.dbsize() < skip:
        time.sleep(0.002)
    first, begin, cpu = server.dbsize(), time.monotonic(), cpu_of(worker.pid)
    while server.dbsize() < count:
        time.sleep(0.002)
    tell(time.monotonic() - begin, cpu_of(worker.pid) - cpu, count - first)
    worker.kill()
    worker.wait()
