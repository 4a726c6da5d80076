"""What every test runs under."""

import os

# One thread, as in a cell: bits depend on the number of threads, and two cores are soon shared.
# Set before any test module imports torch, and inherited by the processes that tests start.
os.environ["OMP_NUM_THREADS"] = "1"
