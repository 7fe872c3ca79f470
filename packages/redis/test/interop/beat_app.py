"""An app of Python whose beat sends to Lovage. Its broker is in the environment."""
import os

from celery import Celery
from celery.schedules import crontab

app = Celery('beat_app', broker=os.environ['BROKER'])
app.conf.task_default_queue = 'from-python'
app.conf.beat_schedule = {
    'often': {'task': 'interop.tick', 'schedule': 1.0, 'args': ('python', 7), 'options': {'expires': 60}},
    'each minute': {'task': 'interop.tick', 'schedule': crontab(), 'kwargs': {'word': 'minute'}},
}
