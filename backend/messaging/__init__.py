"""Redis and Celery: what wakes workers and waiting requests."""
