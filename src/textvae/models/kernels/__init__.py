"""Fast implementations: fused loss, recurrent layers, compiled C kernels, mixed precision.

Plain torch gives the same numbers up to rounding.
"""
