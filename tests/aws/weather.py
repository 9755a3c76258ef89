"""What happens to a message on its way: it gets lost, comes twice, late, or after a later one.

A pure function of a seed and of how many messages came before, so that a storm can be had again. Who
asks is plugins/deliveries.py; what is asked about is never the test's own collector, which must see all.
"""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Weather:
    """Shares are between 0 and 1, and seconds are real ones."""

    drop: float = 0.0
    duplicate: float = 0.0
    delay: float = 0.0
    delay_seconds: float = 0.0
    seed: int = 1

    @property
    def is_fair(self):
        return not (self.drop or self.duplicate or self.delay)


class Sky:
    """Decides for one message after the other, and counts what it did."""

    def __init__(self, weather=Weather()):
        self.set(weather)

    def set(self, weather):
        self.weather = weather
        self.chance = random.Random(weather.seed)
        self.counts = {"passed": 0, "dropped": 0, "duplicated": 0, "delayed": 0}

    def fate(self):
        """Returns after how many seconds each copy of the message arrives: none if it is lost."""
        weather, chance = self.weather, self.chance
        if weather.is_fair:
            self.counts["passed"] += 1
            return [0.0]
        if chance.random() < weather.drop:
            self.counts["dropped"] += 1
            return []
        arrivals = [0.0]
        if chance.random() < weather.duplicate:
            self.counts["duplicated"] += 1
            arrivals.append(chance.uniform(0.0, 0.5))
        if chance.random() < weather.delay:
            self.counts["delayed"] += 1
            late = chance.uniform(0.0, weather.delay_seconds)
            arrivals = [arrival + late for arrival in arrivals]
        if len(arrivals) == 1 and not arrivals[0]:
            self.counts["passed"] += 1
        return arrivals
