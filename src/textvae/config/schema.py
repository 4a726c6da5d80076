"""The workflow's configuration as pydantic classes: types, bounds, defaults and descriptions.

Messages, config/README.md and the JSON schema for editors are generated from these classes. The
parts, measurements and formats, and their settings, come from the registries, so the classes are
created on request, after extensions are imported.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
)
from pydantic_core import PydanticCustomError

from textvae.cells import MAX_C, MAX_SEED, NAME
from textvae.choice.settings import ChoiceSettings
from textvae.config import model_entry
from textvae.config.messages import check_values, error_location, explain, scientific, shown
from textvae.config.registered import formats, measurements
from textvae.corpora.settings import Preparation
from textvae.errors import InputError
from textvae.fce.settings import LanguageModelSettings
from textvae.settings import Spec, specs
from textvae.spec import TYPES


class Section(BaseModel):
    """A mapping of known keys to values of strict types: 1.0 is not a whole number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _key(description: str, default: Any = ..., **constraints: Any) -> Any:
    """Declare a key that is required, or has a default."""
    return Field(default, description=description, **constraints)


def _optional(description: str, **constraints: Any) -> Any:
    """Declare a key that may be left out, in which case it is None."""
    return Field(default_factory=lambda: None, description=description, **constraints)


def _unique(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """Refuse a list with the same item twice; 3 and 3.0 are the same."""
    checked = check(value)
    for index, item in enumerate(value):
        if item in value[:index]:
            raise PydanticCustomError("twice", "{item} appears twice", {"item": shown(item)})
    return checked


T = TypeVar("T")
Unique = Annotated[
    list[T], Field(min_length=1, json_schema_extra={"uniqueItems": True}), WrapValidator(_unique)
]
Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
Folder = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$")]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Sentences = Annotated[int, Field(ge=2)]


class PathVariables(Section):
    """Folders."""

    results: Folder = _key("Folder of a whole run; the demo uses results/demo.", "results")
    sources: Folder = _key("Folder of downloads, which all runs share.", "results/sources")


class Files(Section):
    """The files of three splits."""

    train: str = _key("Text to train on.")
    valid: str = _key("Text to validate on during training.")
    test: str = _key("Text that all measurements use.")


class Digests(Section):
    """The SHA-256 of the files of three splits, 64 hexadecimal digits each."""

    train: Digest = _optional("Of the file of train.")
    valid: Digest = _optional("Of the file of valid.")
    test: Digest = _optional("Of the file of test.")


class GrammarCorpus(Section):
    """Sentences of the embedded grammar."""

    train: Sentences = _key("Sentences to sample.")
    valid: Sentences = _key("Sentences to sample.")
    test: Sentences = _key("Sentences to sample.")
    seed: Seed = _key("Seed of the samples.")


# Nouns times verbs of the smallest classes that a set combines.
MAX_COMBINATIONS = 14_904


class GrammarPairs(Section):
    """Minimal pairs of the embedded grammar."""

    corpus: str = _key(
        "Corpus of the embedded grammar; its training text has none of the combinations."
    )
    combinations: int = _key(
        "Combinations of a noun and a verb in each set.",
        ge=1,
        le=MAX_COMBINATIONS,
    )
    seed: Seed = _key("Seed of the choice of words.")


class Pairs(Section):
    """Minimal pairs: a grammatical sentence and an ungrammatical one each."""

    source: str = _optional(
        "Name of a source in config/sources.yaml with the pickles of Marvin and Linzen."
    )
    file: str = _optional(
        "Path of your own TSV, with the columns grammatical and ungrammatical and, if known, row,"
        " set, subcategory, item and number."
    )
    grammar: GrammarPairs = _optional(
        "Pairs of the embedded grammar, in place of a source or a file."
    )


class Group(Section):
    """More cells of an experiment."""

    corpora: Unique[str] = _optional("Names of corpora.")
    models: Unique[str] = _optional("Names of models.")
    C: Unique[Annotated[float, Field(ge=0, le=MAX_C)]] = _optional("Targets of the rate.")
    seeds: Unique[Seed] = _optional("Seeds.")


class Generation(Section):
    """Synthetic corpora and interpolations."""

    sentences: Sentences = _optional(
        "Sentences of a synthetic corpus, and of the real text that the floor is trained on; by"
        " default the size of the training split."
    )
    copies: int = _key(
        "Synthetic corpora of each model and decoding, each from its own codes.", ge=1
    )
    lines: int = _key("Lines through the latent space on which sensitivity is measured.", ge=2)
    self_bleu_sentences: int = _key("Number of sentences for self-BLEU, from the first.", ge=2)


def configuration() -> type[Section]:
    """Return the class of a whole configuration, including everything registered."""
    return _configuration(model_entry.known_keys(), tuple(measurements().items()), formats())


def validated(config: Any) -> Section:
    """Return a configuration with its defaults; InputError, one line, if it is not valid.

    Numbers like 1e-3, which YAML 1.1 reads as text, are replaced in `config` itself.
    """
    cls = configuration()
    try:
        try:
            return cls.model_validate(config)
        except ValidationError as error:
            if not _read_numbers(config, error.errors(include_url=False)):
                raise
            check_values(config)
            return cls.model_validate(config)
    except ValidationError as error:
        # The deepest error is the most specific one.
        errors = error.errors(include_url=False)
        first = min(errors, key=lambda one: -len(error_location(one)))
        raise InputError(explain(first, lambda at: _names(cls, at))) from None


def _read_numbers(config: Any, errors: Iterable[Mapping[str, Any]]) -> int:
    """Replace each text like 1e-3 where a number is expected; return how many there were."""
    replaced = 0
    for error in errors:
        if error["type"] not in ("int_type", "float_type") or not scientific(error["input"]):
            continue
        *parents, last = error["loc"]
        section = config
        for part in parents:
            section = section[part]
        number = float(section[last])
        if error["type"] == "int_type" and number.is_integer():
            number = int(number)
        section[last] = number
        replaced += 1
    return replaced


@cache
def _configuration(
    model_keys: tuple[Spec, ...],
    measured: tuple[tuple[str, tuple[str, tuple[Spec, ...]]], ...],
    _formats: tuple[str, ...],
) -> type[Section]:
    """Create the class; its arguments are the registered names and settings it depends on."""
    Model = section("Model", model_keys)
    Corpus = section("Corpus", specs(Preparation), base=_Origin)
    LanguageModel = section("LanguageModel", specs(LanguageModelSettings))
    Choice = section("Choice", specs(ChoiceSettings))
    Evaluation = create_model(
        "Evaluation",
        __base__=Section,
        **{
            name: (section(name, own), _optional(_sentence(summary)))
            for name, (summary, own) in measured
            if own
        },
    )

    class ModelEntry(Model):  # type: ignore[misc, valid-type]
        """A model."""

        base: str = _optional(
            "Another entry that this one inherits from; keys given here override its keys."
        )

    class Experiment(Section):
        """A list of cells, and what is measured of them."""

        corpora: Unique[str] = _key("Names of corpora.")
        models: Unique[str] = _key("Names of models.")
        C: Unique[Annotated[float, Field(ge=0, le=MAX_C)]] = _key(
            "Targets of the rate, nats per sentence. 3 and 3.0 are one."
        )
        seeds: Unique[Seed] = _key("Seeds; with several, tables show means and deviations.")
        plus: list[Group] = _optional(
            "More cells, in groups; a group inherits the lists that it does not give."
        )
        measurements: Unique[Literal[tuple(dict(measured))]] = _key(  # type: ignore[valid-type]
            "Measurements of each cell; the experiment's table or figure needs those of the"
            " paper's grid."
        )
        decodings: Unique[str] = _optional(
            "Decoding strategies for generated text: greedy, top15, nucleus0.9, sample, and with a"
            " temperature top15-t0.7."
        )
        pairs: str = _optional("Minimal pairs for the measurements syntax and probe.")
        choices: Unique[str] = _optional(
            "Ways of choosing C, of the section choices, that are compared with the cells."
        )
        caption: str = _key("Caption of the table or figure.")

    class Configuration(Section):
        """Configuration of the workflow."""

        pathvars: PathVariables = Field(
            default_factory=PathVariables, description="Folders of results and downloads."
        )
        extensions: list[str] = Field(
            default_factory=list,
            description="Paths of your own Python files that register objectives, posteriors,"
            " measurements, figures and the like, which other keys may then name.",
        )
        device: Literal["cpu", "cuda", "auto"] = _key(
            "Where models are trained and measured. Not part of a cell; changing it reruns nothing."
        )
        cells_per_gpu: int = _key(
            "Jobs that share a GPU. With 2 GPUs and 2 here, run with `--resources gpu=4`. Changing"
            " it reruns nothing.",
            1,
            ge=1,
        )
        threads: int = _key(
            "CPU threads of a job that runs a model. One is fastest for parallel jobs.",
            1,
            ge=1,
        )
        checkpoint_minutes: float = _key("Minutes between two checkpoints of a training.", 10, gt=0)
        targets: Unique[str] = _key("Experiments that `snakemake` builds by default.")
        corpora: dict[Name, Corpus] = _key(  # type: ignore[valid-type]
            "A corpus is raw text and how it is prepared: name -> entry."
        )
        pairs: dict[Name, Pairs] = _key(
            "Minimal pairs, a grammatical sentence and an ungrammatical one each: name -> entry."
        )
        models: dict[Name, ModelEntry] = _key(
            "A model is an architecture and how it is trained: name -> entry."
        )
        experiments: dict[Name, Experiment] = _key(
            "An experiment is a list of cells: every corpus x model x C x seed of its lists."
        )
        choices: dict[Name, Choice] = Field(  # type: ignore[valid-type]
            default_factory=dict,
            description="A way of choosing C automatically: name -> entry (docs/automatic-C.md).",
        )
        evaluation: Evaluation = _key(  # type: ignore[valid-type]
            "Settings of each measurement."
        )
        generation: Generation = _key(
            "What trained models generate: synthetic corpora, and lines through the latent space."
        )
        language_model: LanguageModel = _key(  # type: ignore[valid-type]
            "How the language models of forward cross-entropy are trained; their sizes are the"
            " decoder's. Those of `choices` are small, and have a recipe of their own."
        )
        stand_ins: dict[str, str] = Field(
            default_factory=dict,
            description="Cells that comparison.csv shows for cells of the paper that are not run:"
            " the paper's cell -> one that an experiment has, as cbt/lstm/C3 -> mine/lstm/C3. They"
            " count neither as agreeing nor as deviating, and the page leaves them out.",
        )
        overrides: dict[str, Model] = Field(  # type: ignore[valid-type]
            default_factory=dict,
            description="Settings of single cells that an experiment has, which override those of"
            " their model: corpus/model/C15/seed1 -> settings. The language models of all C follow,"
            " because their dictionary has the words common to the texts of all C.",
        )

    return Configuration


class _Origin(Section):
    """A corpus."""

    source: str = _optional("Name of a source in config/sources.yaml, to be downloaded.")
    files: Files = _optional(
        "With a source: the names of its files (default train.txt, valid.txt, test.txt). Alone:"
        " three paths to your own corpus."
    )
    sha256: Digests = _optional(
        "The SHA-256 that your own files must have; with another file nothing runs."
    )
    text: str = _optional(
        "Path of your own text, in place of three files. A tenth of its lines, at most 10,000, is"
        " held out for validation, and as many for test, at random (seed)."
    )
    grammar: GrammarCorpus = _optional(
        "Sentences of the embedded grammar, in place of a source or files."
    )


def section(name: str, fields: Iterable[Spec], base: type[Section] = Section) -> type[Section]:
    """Create a section whose keys are settings, none of them required."""
    return create_model(
        name, __base__=base, **{one.name: (_annotation(one), _of_spec(one)) for one in fields}
    )


def _of_spec(one: Spec) -> Any:
    description = _sentence(one.description)
    if one.default is None:
        return _optional(description)
    default = list(one.default) if one.many else one.cast(one.default)
    return Field(default, description=description)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def _annotation(one: Spec) -> Any:
    allowed = one.allowed
    if allowed is not None:
        kind: Any = Literal[tuple(allowed)]
    else:
        kind = Annotated[TYPES[one.type], Field(ge=one.ge, gt=one.gt, le=one.le, lt=one.lt)]
    return list[kind] if one.many else kind


def _names(cls: type[Section], location: tuple[str | int, ...]) -> list[str]:
    """Return the keys of the section, or the choices of the text, at a location."""
    kind: Any = cls
    for part in location:
        kind = _plain(kind)
        if isinstance(kind, type) and issubclass(kind, Section):
            kind = kind.model_fields[part].annotation
        else:
            # The type of a mapping's entries or a list's items.
            kind = get_args(kind)[-1]
    kind = _plain(kind)
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return list(kind.model_fields)


def _plain(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind
