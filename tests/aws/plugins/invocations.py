"""Knows what functions do: how often each ran, for how long, and whether any runs now. Kills them when asked.

A kill is SIGKILL to the process at a moment drawn from the time that invocations of that function take, so it
strikes before the first request as well as between any two. Only those that struck are counted.
"""

import collections
import random
import threading
import time

import seam

lock = threading.Lock()
running = 0
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
        strike = arm(self)
        count(1)
        try:
            result = invoke(self, event, request_id, **named)
        except Exception:
            result = {"status": "error"}
            raise
        finally:
            count(-1)
            if strike:
                strike.cancel()
            note(self.func_name, self.config, time.monotonic() - began, result)
        return result

    worker.invoke = watched


def count(change):
    global running
    with lock:
        running += change


def note(name, config, seconds, result):
    with lock:
        durations[name].append(round(seconds * 1000, 2))
        if result.get("status") != "ok":
            errors[name] += 1


def kill_from_now_on(number, of_all, seed, spare=()):
    """Kills `number` processes, each invocation with a probability of `of_all`."""
    global left, share, chance, spared
    with lock:
        left, share, chance, spared = number, of_all, random.Random(seed), tuple(spare)


def arm(worker):
    with lock:
        is_spared = any(word in worker.func_name for word in spared)
        if left <= 0 or is_spared or chance.random() >= share:
            return None
        known = durations[worker.func_name][-20:] or [50.0]
        seconds = chance.uniform(0, 1.2 * sum(known) / len(known) / 1000)
    timer = threading.Timer(seconds, strike, (worker,))
    timer.daemon = True
    timer.start()
    return timer


def strike(worker):
    global left
    process = worker._proc
    if process is None or process.poll() is not None:
        return
    process.kill()
    with lock:
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
        }
