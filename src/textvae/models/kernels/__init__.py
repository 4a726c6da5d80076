"""Everything that exists for speed alone: fused loss, recurrent layers, compiled C, precision.

Plain torch would give the same numbers but for their rounding.
"""
