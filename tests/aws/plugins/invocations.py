"""Knows what functions do: how often each ran, for how long, and whether any runs now. Kills them when asked.

A kill is SIGKILL to the process at a moment drawn from the time that invocations of that function take, so it
strikes before the first request as well as between any two. Only those that struck are counted.
"""

import collections
import random
import threading
import time

import seam
from plugins import timeline

# A message that comes for this many times is spared: dead-letter queues are for poison, not for bad luck. Every
# queue of the template hands a message over at least 5 times.
SPARED_FROM_TRIES = 4
# A notice is claimed for a time that no haste shortens: what is killed twice would outlast its tries.
SPARED_EARLY = {"notify": 2}

lock = threading.Lock()
running = 0
peaks_kib = collections.Counter()
durations = collections.defaultdict(list)
errors = collections.Counter()
kills = collections.Counter()
left = 0
share = 0.0
chance = random.Random(1)
spared = ()


def install():
    worker = seam.part("core.lambda_runtime", "ProvidedWorker")
    invoke = worker.invoke

    def watched(self, event, request_id, **named):
        began = time.monotonic()
        timer = arm(self, event)
        timeline.mark("begin", self.func_name)
        count(1)
        try:
            result = invoke(self, event, request_id, **named)
        except Exception:
            result = {"status": "error"}
            raise
        finally:
            count(-1)
            disarm(self, timer)
            timeline.mark("end", self.func_name)
            note(self, time.monotonic() - began, result)
        return result

    worker.invoke = watched


def count(change):
    global running
    with lock:
        running += change


def note(worker, seconds, result):
    name = worker.func_name
    peak = peak_kib(worker._proc)
    with lock:
        durations[name].append(round(seconds * 1000, 2))
        peaks_kib[name] = max(peaks_kib[name], peak)
        if result.get("status") != "ok":
            errors[name] += 1


def peak_kib(process):
    """Returns the most memory that the process ever had, if it is still there."""
    try:
        with open(f"/proc/{process.pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    except (AttributeError, OSError):
        return 0


def kill_from_now_on(number, of_all, seed, spare=()):
    """Kills `number` processes, each invocation with a probability of `of_all`."""
    global left, share, chance, spared
    with lock:
        left, share, chance, spared = number, of_all, random.Random(seed), tuple(spare)


def tries_of(event):
    """Returns how often the messages of an invocation came, at most."""
    records = event.get("Records", []) if isinstance(event, dict) else []
    return max((int(one.get("attributes", {}).get("ApproximateReceiveCount", 1)) for one in records), default=1)


def spared_from(name):
    return next((tries for word, tries in SPARED_EARLY.items() if word in name), SPARED_FROM_TRIES)


def arm(worker, event):
    with lock:
        is_spared = any(word in worker.func_name for word in spared) or tries_of(event) >= spared_from(worker.func_name)
        if left <= 0 or is_spared or chance.random() >= share:
            return None
        known = durations[worker.func_name][-20:] or [50.0]
        seconds = chance.uniform(0, 1.2 * sum(known) / len(known) / 1000)
    timer = threading.Timer(seconds, strike, (worker, event))
    timer.daemon = True
    worker.struck_at = event
    timer.start()
    return timer


def disarm(worker, timer):
    if timer:
        timer.cancel()
        with lock:
            worker.struck_at = None


def strike(worker, event):
    """Kills the process while it works on that event: the next one may be one that is spared."""
    global left
    with lock:
        process = worker._proc
        if worker.struck_at is not event or process is None or process.poll() is not None:
            return
        process.kill()
        left -= 1
        kills[worker.func_name] += 1


def tally():
    with lock:
        return {
            "running": running,
            "durations_millis": {name: list(known) for name, known in durations.items()},
            "errors": dict(errors),
            "kills": dict(kills),
            "kills_left": left,
            "peaks_kib": dict(peaks_kib),
        }
