"""A plugin has no clock and no chance. In a component the clock traps without a word, and random numbers are drawn from a
seed of the moment in which it was built, the same in every call, so that keys made of them would be the same for every
order. There they raise. What must be unique is made from the operation's id; what needs a time has `link.now()`.

On the author's machine, where tests run, nothing is changed."""

import os
import random
import sys
import time

_CLOCKS = ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")


def _refuse(what: str, instead: str):
    def refuse(*_args, **_kwargs):
        raise RuntimeError(f"{what}() would give the same value in every call: {instead}")

    return refuse


def _freeze() -> None:
    for name in _CLOCKS:
        setattr(time, name, _refuse(f"time.{name}", "the times are in the operation, the journal and the facts"))
    instead = "make what must be unique from the operation's id"
    for name in random.__all__:
        if callable(getattr(random, name)):
            setattr(random, name, _refuse(f"random.{name}", instead))
    os.urandom = _refuse("os.urandom", instead)


if sys.platform == "wasi":
    _freeze()
