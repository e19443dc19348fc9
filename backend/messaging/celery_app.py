"""The Celery application. It carries ids only; the job itself is a row of the database."""

from functools import cache
from urllib.parse import urlsplit

from celery import Celery

from backend.messaging.connection import broker_url, redis_url
from backend.tables import Queue


@cache
def celery() -> Celery:
    """The Celery application; docs/decisions has the reasons for its settings."""
    app = Celery("glassbox", broker=broker_url())
    app.conf.update(
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=False,
        task_publish_retry=False,  # the sweep is the retry
        task_default_queue=Queue.PREDICT,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
            "socket_keepalive": urlsplit(redis_url()).scheme != "unix",
            "health_check_interval": 25,
        },
    )
    return app
