"""Threads, signals and Hypothesis settings of all tests."""

import os
import signal

import hypothesis

# One thread, as in a training: bits depend on the number of threads. Set before any test module
# imports torch, and inherited by the processes that tests start.
os.environ["OMP_NUM_THREADS"] = "1"

# In the background of a shell, or under nohup, both are ignored, also by the processes that tests
# start; tests of interrupts would fail.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# The same examples in every run of CI; new ones elsewhere.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")
