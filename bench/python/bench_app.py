"""The Celery project of the benchmark; its worker imports it."""
import os
import time

from celery import Celery, shared_task

QUEUE = 'bench'


def make_app(url):
    """Celery with its defaults, results on the same server, and a prefetch that does not hold it up."""
    project = Celery('bench', broker=url, backend=url)
    project.conf.update(task_default_queue=QUEUE, worker_prefetch_multiplier=50, worker_hijack_root_logger=False)
    return project


@shared_task(name='bench.echo')
def echo(value):
    return value


@shared_task(name='bench.late')
def late(due_ms):
    """Records how many milliseconds after its time it began."""
    begun_ms = time.time() * 1000
    app.backend.client.rpush('late', begun_ms - due_ms)


app = make_app(os.environ['BENCH_URL']) if 'BENCH_URL' in os.environ else None
