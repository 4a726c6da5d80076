"""Stand-ins for packages that a bare machine may lack: what a training needs of them, unchecked."""

import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, ClassVar, get_origin


def provide() -> list[str]:
    """Add stand-ins for the packages that cannot be imported; return their names."""
    missing = []
    for name, modules in _PACKAGES.items():
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
            for module, contents in modules.items():
                stand_in = ModuleType(module)
                stand_in.__spec__ = ModuleSpec(module, None)
                vars(stand_in).update(contents)
                sys.modules[module] = stand_in
                parent, _, child = module.rpartition(".")
                if parent:
                    setattr(sys.modules[parent], child, stand_in)
    return missing


class FieldInfo:
    """The declaration of a field; bounds are kept as objects with one attribute each."""

    def __init__(self, default: Any = None, **declared: Any) -> None:
        self.default = default
        self.description = declared.get("description")
        self.json_schema_extra = declared.get("json_schema_extra")
        self.annotation: Any = None
        bounds = {name: declared.get(name) for name in ("ge", "gt", "le")}
        self.metadata = [type("Bound", (), {k: v})() for k, v in bounds.items() if v is not None]


class BaseModel:
    """A record of the annotated fields of a class and of its parents."""

    model_fields: ClassVar[dict[str, FieldInfo]] = {}

    def __init_subclass__(cls) -> None:
        inherited = dict(cls.__mro__[1].model_fields)
        for name, kind in inspect.get_annotations(cls).items():
            if get_origin(kind) is not ClassVar and name != "model_config":
                value = vars(cls).get(name)
                info = value if isinstance(value, FieldInfo) else FieldInfo(value)
                info.annotation = kind
                inherited[name] = info
        cls.model_fields = inherited

    def __init__(self, **values: Any) -> None:
        for name, info in self.model_fields.items():
            setattr(self, name, values.get(name, info.default))

    def model_dump(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields}


def create_model(name: str, *, __base__: type, __doc__: str, **fields: Any) -> type:
    annotations = {field: kind for field, (kind, _) in fields.items()}
    values = {field: default for field, (_, default) in fields.items()}
    # Evaluated at once, also where Python defers annotations.
    body = {"__annotations__": annotations, "__doc__": __doc__, **values}
    return type(name, (__base__,), body)


class _Bar:
    @staticmethod
    def update(_: int) -> None:
        pass


@contextmanager
def tqdm(*_: Any, **__: Any) -> Iterator[type[_Bar]]:
    yield _Bar


_PACKAGES: dict[str, dict[str, dict[str, Any]]] = {
    "pydantic": {
        "pydantic": {
            "BaseModel": BaseModel,
            "ConfigDict": dict,
            "Field": FieldInfo,
            "create_model": create_model,
        },
        "pydantic.fields": {"FieldInfo": FieldInfo},
    },
    # Nothing is saved.
    "safetensors": {
        "safetensors": {"SafetensorError": OSError},
        "safetensors.torch": {},
    },
    "tqdm": {"tqdm": {"tqdm": tqdm}},
}
