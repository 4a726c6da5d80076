"""Measure speed and memory against a plain PyTorch loop and the machine's limits: `make benchmark`.

Nothing here is needed to reproduce the paper, and no test checks a time.
"""
