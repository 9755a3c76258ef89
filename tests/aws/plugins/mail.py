"""Keeps the mail that a topic would send: the emulator takes subscriptions of addresses and sends nothing."""

import threading

import seam

lock = threading.Lock()
letters = []


def install():
    fan_out = seam.part("services.sns", "_fanout")
    choose = seam.part("services.sns", "_resolve_message_for_protocol")

    def fan_out_and_keep(topic, identity, message, subject="", structure="", *more, **named):
        letter = {"topic": topic, "subject": subject, "text": choose(message, structure, "email")}
        with lock:
            letters.append(letter)
        return fan_out(topic, identity, message, subject, structure, *more, **named)

    seam.replace("services.sns", "_fanout", fan_out_and_keep)


def tally():
    with lock:
        return list(letters)
