"""Check and time trainings on a GPU: `make benchmark-gpu`, on a machine with torch and NumPy alone.

The package is imported from its source. Importing this module prepares that, here and in child
processes.
"""

import sys
from pathlib import Path

from benchmarks.gpu.bare import provide

_SOURCE = str(Path(__file__).parents[2] / "src")
if _SOURCE not in sys.path:
    sys.path.insert(0, _SOURCE)
STAND_INS = provide()
