"""What every test runs under."""

import os
import signal

import hypothesis

# One thread, as in a cell: bits depend on the number of threads, and two cores are soon shared.
# Set before any test module imports torch, and inherited by the processes that tests start.
os.environ["OMP_NUM_THREADS"] = "1"

# In the background of a shell, or under nohup, both are ignored, and so they would be by all that
# tests start: what an interrupt does could not be seen.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# CI judges a change, not the luck of a draw; at a desk every run looks for new examples.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")
