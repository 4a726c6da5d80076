"""What the documents name exists, and what exists is accepted and documented."""

import ast
import copy
import json
import re
import shlex
from argparse import ArgumentParser
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from io import StringIO
from itertools import product
from pathlib import Path

import pytest
import yaml
from snakemake.cli import get_argument_parser

from textvae import cli
from textvae.config.checks import check
from textvae.config.reference import configuration_schema
from textvae.config.schema import validated
from textvae.corpora.minimal_pairs import COLUMNS
from textvae.corpora.settings import Preparation
from textvae.corpora.sources import load_sources
from textvae.fce.settings import LanguageModelSettings
from textvae.measurements import measured_on
from textvae.models.architecture import Architecture
from textvae.paper.exhibit import exhibits
from textvae.registry import MEASUREMENTS, PARTS
from textvae.settings import specs
from textvae.training import cell
from textvae.training.config import TrainingSettings
from tiny import tiny_task
from workflow_copy import ROOT, checkout

PAPER = yaml.safe_load((ROOT / "config/config.yaml").read_text())
SOURCES = load_sources(ROOT / "config/sources.yaml")
MARKDOWN = [
    *(ROOT / name for name in ("README.md", "workflow/README.md", "src/textvae/README.md")),
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("config/*.md")),
]
CAPTIONS = sorted(ROOT.glob("workflow/report/*.rst"))
RULES = "".join(path.read_text() for path in ROOT.glob("workflow/rules/*.smk"))
MAKEFILE = (ROOT / "Makefile").read_text()
# Names of other programs, of the reader's files, and parts of names.
FOREIGN = {
    *("$CC", "cc", "<eos>", "<unk>", "avx512_bf16", "linear_cross_entropy", "CUDA_VISIBLE_DEVICES"),
    "nucleus0.9",
    *(
        "--gpus",
        "--gres",
        "mem_mb",
        "-",
        ".",
        "_",
        ".csv",
        "NAME",
        "own.yaml",
        "mine.yaml",
        ".snakemake/log",
        ".venv",
    ),
    *("_nats", "_percent", "<name>_standard_error", "claims.html", "figure1-own.pdf"),
}


def prose(path: Path) -> str:
    """Return a document without its fenced code."""
    return re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)


def shell_lines(path: Path) -> list[str]:
    """Return the indented lines of a document, with continued ones joined."""
    text = prose(path).replace("\\\n", " ")
    return [line.split("#")[0].strip() for line in text.splitlines() if line.startswith("    ")]


def spans(path: Path) -> list[str]:
    """Return the quoted code of a document: `span` in Markdown, identifiers with _ in captions."""
    if path.suffix == ".rst":
        text = re.sub(r"{[{%].*?[%}]}", "", path.read_text(), flags=re.DOTALL)
        return re.findall(r"\w*[A-Za-z]_\w+", text)
    lines = [line for line in prose(path).splitlines() if not line.startswith("    ")]
    return re.findall(r"`([^`]+)`", "\n".join(lines))


@cache
def configuration_keys() -> frozenset[str]:
    """Return all keys and choices of the schema, dotted keys with NAME, and the paper's names."""
    schema = configuration_schema()
    sections = [schema, *schema["$defs"].values()]
    entries = [section.get("properties", {}) for section in sections]
    choices = {
        choice
        for entry in entries
        for value in entry.values()
        for kind in (value, value.get("items", {}))
        for choice in (*kind.get("enum", ()), kind.get("const", ""))
    }
    names = {name for section in ("corpora", "models", "experiments") for name in PAPER[section]}
    keys = {key for entry in entries for key in entry}
    demo = yaml.safe_load((ROOT / "config/demo.yaml").read_text())
    return frozenset(keys | choices | names | {*demo["corpora"], *demo["models"]})


@cache
def identifiers() -> frozenset[str]:
    """Return all identifiers and one-word texts of the package."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                    found.add(name)
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.keyword(arg=name):
                    found.add(name or "")
                case ast.Constant(value=str(text)) if " " not in text:
                    found.add(text)
    return frozenset(found)


@cache
def snakemake_parser() -> ArgumentParser:
    return get_argument_parser()


def is_snakemake(words: list[str]) -> bool:
    """Return whether Snakemake accepts its words, and takes files and rules as what they are."""
    with redirect_stderr(StringIO()), suppress(SystemExit):
        args = snakemake_parser().parse_args(words)
        made = [word for word in args.targets if not word.startswith("results/")]
        rules = [*made, *(args.forcerun or [])]
        return all(path.suffix == ".yaml" for path in args.configfile) and all(
            f"rule {rule}:" in RULES for rule in rules
        )
    return False


@cache
def flags(command: str) -> frozenset[str]:
    """Return the flags in the help of a command."""
    with redirect_stdout(StringIO()) as text, suppress(SystemExit):
        cli.main([command, "--help"])
    return frozenset(re.findall(r"--[\w-]+", text.getvalue()))


def is_path(span: str, document: Path) -> bool:
    """Return whether a span is a path of the repository or of the results, tested below."""
    return (
        span.startswith("results/")
        or any(
            next(folder.glob(span.rstrip("/")), None)
            for folder in (
                ROOT,
                document.parent,
                *(ROOT / "src/textvae").glob("[!_]*/"),
                ROOT / "src/textvae",
            )
        )
        or f'/{span}"' in RULES
    )


def is_command(span: str) -> bool:
    """Return whether a span begins with a command that exists, with flags that exist."""
    match span.split():
        case ["make", target, *_]:
            return f"\n{target}:" in MAKEFILE
        case ["textvae"] | ["textvae", "COMMAND", "--help"]:
            return True
        case ["textvae", name, *words]:
            given = {word for word in words if word.startswith("--")}
            return name in cli.COMMANDS and given <= flags(name)
        case ["python", "-m", module, *_]:
            file = ROOT.joinpath(*module.split("."))
            return file.with_suffix(".py").is_file() or (file / "__main__.py").is_file()
        case ["--configfile" | "--config" | "--resources"]:
            return True
        case ["snakemake", *words]:
            return is_snakemake(words)
        case ["--configfile" | "--resources", *_]:
            return is_snakemake(span.split())
        case ["bash", script, *_]:
            return (ROOT / script).is_file()
    return False


def is_known(span: str, document: Path) -> bool:
    # `key: value`, `key="value"`, `name-...` and `rows()` are known by their words.
    words = re.findall(r"[A-Za-z_][\w-]*", span.removesuffix("-..."))
    names = configuration_keys() | set(cli.COMMANDS) | set(COLUMNS) | {"NAME", "True"}
    names |= exhibits().keys()
    if document.name in ("extending.md", "python.md", "decoders-and-strategies.md"):
        names |= identifiers()
    return (
        span in FOREIGN
        or is_command(span)
        or is_path(span, document)
        or all(word in names for word in words)
    )


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_quoted_code_exists(path):
    text = prose(path)
    assert [span for span in spans(path) if not is_known(span, path)] == []
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https:") or (path.parent / target).exists(), target
    for line in shell_lines(path):
        if line.split(" ")[0] in ("make", "python", "bash"):
            assert is_command(line), line
        elif line.startswith("textvae "):
            words = shlex.split(line)[1:]
            if path.name != "extending.md":
                cli.build_parser(words[0]).parse_args(words)
        elif line.startswith("snakemake "):
            assert is_command(line), line


def test_named_results_are_built_by_rules(tmp_path):
    text = "".join(prose(path) for path in MARKDOWN)
    named = set(re.findall(r"(?<![\w/])results/[\w./{},-]*[\w}]", text))
    targets = set()
    for name in named:
        # A template of an experiment, and lists of suffixes.
        parts = re.split(r"{([\w,]+)}", name.replace("{experiment}", "table1"))
        targets |= {"".join(choice) for choice in product(*(part.split(",") for part in parts))}
    # Made by `make report`, `make demo`, `make benchmark`, config/own.yaml and docs/extending.md.
    other = re.compile(
        r"results/(report\.html|README\.md|(demo|own|mine|automatic-C-demo|future-work|frontier-demo|frontier-sample|benchmark).*"
        r"|logs|costs|sources|corpora/cbt)"
    )
    targets = sorted(target for target in targets if not other.fullmatch(target))
    assert "results/table1.tex" in targets
    assert len(targets) > 40
    run = checkout(tmp_path).snakemake("--dry-run", "--quiet", "rules", "--", *targets)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="module")
def log_fields(tmp_path_factory):
    """The fields of the log of a tiny training."""
    folder = tmp_path_factory.mktemp("training")
    cell.train(tiny_task(folder / "corpus", epochs=1), folder / "model", folder / "keep", 10)
    lines = (folder / "model/training.jsonl").read_text().splitlines()
    return {field for line in lines for field in json.loads(line)}


def test_captions_name_what_exists(log_fields):
    for path in CAPTIONS:
        known = log_fields if path.stem == "training" else identifiers() | configuration_keys()
        assert set(spans(path)) <= known, path
    caption = (ROOT / "workflow/report/training.rst").read_text()
    assert log_fields - set(re.findall(r"\w+", caption)) == set()


def declared_keys():
    """Yield the location and default of every declared setting, with values that select it."""
    for name, known in MEASUREMENTS.declared().items():
        for one in known.specs:
            section = "generation" if one.name == "self_bleu_sentences" else f"evaluation.{name}"
            yield f"{section}.{one.name}", one, {}
    for registry in PARTS:
        for name, part in registry.declared().items():
            for one in part.specs:
                yield f"models.lstm.{one.name}", one, {registry.kind: name}
    for section, cls in (
        ("models.lstm", Architecture),
        ("models.lstm", TrainingSettings),
        ("corpora.cbt", Preparation),
        ("language_model", LanguageModelSettings),
    ):
        for one in specs(cls):
            yield f"{section}.{one.name}", one, {}


def test_declared_settings_are_accepted_and_documented():
    reference = (ROOT / "config/README.md").read_text()
    for key, one, selected in declared_keys():
        config = copy.deepcopy(PAPER)
        section = config
        for part in key.split(".")[:-1]:
            section = section.setdefault(part, {})
        default = list(one.default) if one.many else one.default
        section |= selected | ({} if default is None else {one.name: default})
        validated(config)
        documented = re.sub(r"^(models|corpora)\.\w+", r"\1.NAME", key)
        assert f"| `{documented}` |" in reference, key


def test_commands_are_documented():
    text = "".join(path.read_text() for path in MARKDOWN)
    for name in cli.COMMANDS:
        assert f"textvae {name}" in text or f"`{name}`" in text, name
    for name in measured_on("split", "lines", "text", "fce", "pairs"):
        assert name in text


def test_rules_and_packages_are_documented():
    rules = (ROOT / "workflow/README.md").read_text()
    for path in ROOT.glob("workflow/rules/*.smk"):
        assert f"`rules/{path.name}`" in rules, path.name
    package = (ROOT / "src/textvae/README.md").read_text()
    for path in (ROOT / "src/textvae").iterdir():
        if (path / "__init__.py").is_file():
            assert f"`{path.name}/`" in package, path.name


def test_example_of_a_corpus_is_a_valid_configuration(tmp_path, monkeypatch):
    text = (ROOT / "README.md").read_text()
    example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    config = copy.deepcopy(PAPER)
    config["corpora"] |= example["corpora"]
    config["experiments"]["table1"] |= example["experiments"]["table1"]
    monkeypatch.chdir(tmp_path)
    for path in example["corpora"]["mine"]["files"].values():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).touch()
    check(config, SOURCES)
