"""Controllers that choose C within a training, in plain Python, and the objective that uses them.

See docs/automatic-C.md.
"""
