"""Settings of a model's parts that cannot be met are refused before anything runs.

A part whose settings have limits names a module with the function `fault` at its registration, or
another function in a module:

    @DECODERS.register("dilated-cnn", check="textvae.models.receptive_field")
    @POSTERIORS.register("delta", check="textvae.models.code_limits:delta")

Planning imports that module, and not the part. Does not import torch, nor may such a module.
"""

import importlib
from collections.abc import Mapping
from typing import Any

from textvae.extensions import load_extensions
from textvae.registry import DECODERS, ENCODERS, POSTERIORS, PRIORS


def part_fault(settings: Mapping[str, Any], C: float, longest: int | None) -> str | None:
    """Return why a part of a model cannot be used with its settings, as a message; None if it can.

    longest: words of the longest sentence of the corpus, None if unknown.
    """
    for registry in (ENCODERS, DECODERS, POSTERIORS, PRIORS):
        name = settings[registry.kind]
        declared = registry.declared()[name]
        check = declared.facts.get("check")
        if check is not None:
            if not declared.of_package:
                # Its module is beside an extension, which is imported with the first of them.
                load_extensions()
            module, _, function = check.partition(":")
            find_fault = getattr(importlib.import_module(module), function or "fault")
            fault = find_fault(settings, C, longest)
            if fault is not None:
                return f"{name}: {fault}"
    return None
