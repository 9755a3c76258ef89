"""When what happened, by one clock: events that were said, invocations, calls to services.

Only while a test measures; otherwise nothing is kept.
"""

import threading
import time

lock = threading.Lock()
marks = []
is_kept = False


def mark(kind, name):
    if is_kept:
        with lock:
            marks.append((time.monotonic(), kind, name))


def take(keep):
    """Returns what was noted, and notes on or not."""
    global is_kept
    with lock:
        taken = list(marks)
        marks.clear()
        is_kept = keep
    return taken
