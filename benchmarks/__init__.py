"""How fast it all is, beside a plain loop and the machine's own limits: `make benchmark`.

Nothing here is needed to reproduce the paper, and no test looks at a time.
"""
