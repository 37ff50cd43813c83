"""gunicorn's settings, for the demo and for real; gunicorn reads this file by itself."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 20
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
max_requests = 20_000  # a slow leak in any library never becomes an outage
max_requests_jitter = 2_000
control_socket_disable = True  # signals suffice, and two servers on one machine would share the socket
errorlog = "-"
accesslog = None  # the application logs requests itself, as JSON, without addresses that hold secrets
loglevel = "warning"
