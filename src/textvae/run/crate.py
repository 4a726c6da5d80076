"""A finished run as a Workflow Run RO-Crate, of the profile Provenance Run Crate 0.5.

https://www.researchobject.org/workflow-run-crate/profiles/provenance_run_crate/. The Snakefile is
the main workflow, a rule is a step and a tool, and a job is a CreateAction with files and times.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from rocrate.model.computationalworkflow import ComputationalWorkflow
from rocrate.model.contextentity import ContextEntity
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from textvae.run.citation import Citation
from textvae.run.contents import CONFIGURATION, Contents
from textvae.run.paths import absolute, below, is_below
from textvae.run.records import RecordedJob

# Of RO-Crate: that on which the profiles are based.
_VERSION = "1.1"
_TERMS = {
    name: f"https://w3id.org/ro/terms/workflow-run#{name}" for name in ("resourceUsage", "sha256")
}
# Profiles of the crate, the most general first.
_PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
_WORKFLOW = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_MEDIA_TYPES = {
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".safetensors": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".tex": "text/x-tex",
    ".toml": "application/toml",
    ".tsv": "text/tab-separated-values",
    ".yaml": "application/yaml",
}
# Column of jobs.csv -> name, unit.
_RESOURCES = {
    "seconds": ("time of the command", "https://qudt.org/vocab/unit/SEC"),
    "cpu_seconds": ("CPU time", "https://qudt.org/vocab/unit/SEC"),
    "memory_mib": ("peak of resident memory", "https://qudt.org/vocab/unit/MebiBYTE"),
}
_COMPLETED = "http://schema.org/CompletedActionStatus"
_CHUNK = 2**20


class _CheckedFile(File):
    """A file whose SHA-256 and size become known as it is copied, before the metadata is."""

    done: Callable[[int], object]

    def stream(self, chunk_size: int = _CHUNK) -> Iterator[tuple[str, bytes]]:
        """Yield path and chunks; `done` is called with the size of each."""
        digest, size = hashlib.sha256(), 0
        for path, chunk in super().stream(chunk_size):
            digest.update(chunk)
            size += len(chunk)
            self.done(len(chunk))
            yield path, chunk
        self["sha256"], self["contentSize"] = digest.hexdigest(), str(size)


class _Workflow(_CheckedFile, ComputationalWorkflow):
    """The main workflow, which is a list of steps."""

    TYPES = (*ComputationalWorkflow.TYPES, "HowTo")


def crate_zip(
    contents: Contents,
    jobs: Sequence[RecordedJob],
    citation: Citation,
    software: Mapping[str, str],
    done: Callable[[int], object],
) -> Iterator[bytes]:
    """Yield a zip file of the crate in chunks, reading no file whole.

    software: name -> version of what is installed. done: called with the bytes read so far.
    """
    crate = _Crate(contents, citation, software, done)
    crate.add_jobs(jobs)
    return crate.crate.stream_zip(chunk_size=_CHUNK)


class _Crate:
    """An RO-Crate of a run's files; `add_jobs` adds the jobs that made them."""

    def __init__(
        self,
        contents: Contents,
        citation: Citation,
        software: Mapping[str, str],
        done: Callable[[int], object],
    ) -> None:
        self.crate = ROCrate(version=_VERSION)
        self.crate.metadata.extra_terms.update(_TERMS)
        self._contents = contents
        self._done = done
        files = contents.workflow | contents.results
        self._included = {absolute(file): quote(path) for path, file in files.items()}
        # Files that no job made.
        self._given: set[str] = set()
        self._software = software
        self._authors = _single([self._author(one) for one in citation.authors])
        self._license = self._entity(
            f"https://spdx.org/licenses/{quote(citation.license)}",
            "CreativeWork",
            name=citation.license,
        )
        self._textvae = self._application("textvae", "textvae")
        url = {"url": {"@id": "https://snakemake.github.io"}}
        self._engine = self._application("snakemake", "Snakemake", **url)
        self._workflow = self._add_workflow(citation)
        for path, file in files.items():
            if path != "Snakefile":
                self._add_file(path, file)
        if requirements := self.crate.get("envs/requirements.txt"):
            self._textvae["softwareRequirements"] = requirements
        self._describe(citation)

    def add_jobs(self, jobs: Sequence[RecordedJob]) -> None:
        """Add an action for each job, a step for each rule, and the action of the whole run."""
        made = {path for job in jobs for path in job.outputs}
        read = {path for job in jobs for path in job.inputs}
        self._given = read - made
        tools = {job.rule: self._tool(job.rule) for job in jobs}
        steps = {
            rule: self._step(rule, tool, position)
            for position, (rule, tool) in enumerate(tools.items(), start=1)
        }
        actions = [self._action(job, tools[job.rule]) for job in jobs]
        run = self._entity(
            "#run",
            "CreateAction",
            name=self.crate.root_dataset["name"],
            description="the jobs of the workflow together",
            instrument=self._workflow,
            object=self._files([str(self._contents[CONFIGURATION]), *sorted(self._given)]),
            result=self._files(sorted(path for path in made - read if Path(path).exists())),
            actionStatus=_COMPLETED,
            **_times(jobs),
        )
        controls = [
            self._entity(
                action.id.replace("#job/", "#start/"),
                "ControlAction",
                name=f"orchestrate {action['name']}",
                instrument=steps[job.rule],
                object=action,
            )
            for job, action in zip(jobs, actions, strict=True)
        ]
        self._entity(
            "#engine",
            "OrganizeAction",
            name="run of Snakemake",
            instrument=self._engine,
            object=controls,
            result=run,
            **_times(jobs),
        )
        self._workflow["hasPart"] = list(tools.values())
        self._workflow["step"] = list(steps.values())
        self.crate.root_dataset["mentions"] = [run, *actions]

    def _describe(self, citation: Citation) -> None:
        root = self.crate.root_dataset
        root["name"] = f"A run of {citation.title}"
        root["description"] = (
            "Configuration, tables, figures, measurements and trained models of a run, with the"
            " workflow that made them and its jobs. Texts of corpora are not included."
        )
        root["license"], root["author"] = self._license, self._authors
        root["conformsTo"] = [
            self._entity(profile, "CreativeWork", name=name, version=version)
            for profile, (name, version) in _PROFILES.items()
        ]
        references = [
            self._entity(
                f"#reference/{number}",
                "ScholarlyArticle",
                name=title,
                author=[self._author(one) for one in authors],
                **({"datePublished": year} if year else {}),
            )
            for number, (title, year, authors) in enumerate(citation.references, start=1)
        ]
        if references:
            root["citation"] = _single(references)
        if readme := self.crate.get("README.md"):
            readme["about"] = root

    def _add_workflow(self, citation: Citation) -> File:
        file = self._contents.workflow["Snakefile"]
        source = {"source": file, "dest_path": "Snakefile", "cls": _Workflow}
        version = self._software.get("snakemake")
        workflow = self.crate.add_workflow(
            **source, main=True, lang="snakemake", lang_version=version
        )
        workflow.done = self._done
        workflow["name"] = citation.title
        workflow["encodingFormat"] = "text/plain"
        workflow["conformsTo"] = {"@id": _WORKFLOW}
        workflow["license"], workflow["author"] = self._license, self._authors
        workflow["softwareRequirements"] = self._textvae
        if citation.version:
            workflow["version"] = citation.version
        return workflow

    def _add_file(self, path: str, file: Path) -> None:
        media_type = _MEDIA_TYPES.get(PurePosixPath(path).suffix, "text/plain")
        properties = {"name": path, "encodingFormat": media_type}
        entity = self.crate.add(_CheckedFile(self.crate, file, path, properties=properties))
        entity.done = self._done

    def _action(self, job: RecordedJob, tool: ContextEntity) -> ContextEntity:
        usage = [
            self._entity(
                f"#usage/{quote(job.name)}/{column}",
                "PropertyValue",
                name=_RESOURCES[column][0],
                propertyID=column,
                unitCode=_RESOURCES[column][1],
                value=str(value),
            )
            for column, value in (job.costs or {}).items()
        ]
        files = {"object": self._files(job.inputs), "result": self._files(job.outputs)}
        return self._entity(
            f"#job/{quote(job.name)}",
            "CreateAction",
            name=job.name,
            description=f"a job of the rule {job.rule}",
            instrument=tool,
            actionStatus=_COMPLETED,
            **{key: value for key, value in files.items() if value},
            **({"resourceUsage": usage} if usage else {}),
            **_times([job]),
        )

    def _tool(self, rule: str) -> ContextEntity:
        requirements = {"softwareRequirements": self._textvae}
        return self._application("textvae", f"rule {rule}", f"#tool/{quote(rule)}", **requirements)

    def _step(self, rule: str, tool: ContextEntity, position: int) -> ContextEntity:
        return self._entity(
            f"Snakefile#{quote(rule)}",
            "HowToStep",
            name=rule,
            position=str(position),
            workExample=tool,
        )

    def _application(
        self, package: str, name: str, identifier: str | None = None, **properties: Any
    ) -> ContextEntity:
        """Add a program, with the version of the package that it comes in."""
        if version := self._software.get(package):
            properties["softwareVersion"] = version
        return self._entity(
            identifier or f"#{package}", "SoftwareApplication", name=name, **properties
        )

    def _author(self, author: Mapping[str, str]) -> ContextEntity:
        identifier = author.get("@id") or f"#author/{quote(author['name'])}"
        known = {key: value for key, value in author.items() if not key.startswith("@")}
        return self._entity(identifier, author["@type"], **known)

    def _files(self, paths: Iterable[str]) -> list[ContextEntity | File]:
        """Return the entity of each file that a job names, each once."""
        return list(dict.fromkeys(self._file(path) for path in paths))

    def _file(self, path: str) -> ContextEntity | File:
        """Return the file in the crate, or what is known of one that is left out."""
        known = self._included.get(absolute(path))
        return self.crate.get(known) if known else self._left_out(Path(path))

    def _left_out(self, path: Path) -> ContextEntity:
        """Return a file by its path, or outside the current folder by its name alone."""
        name = path.name
        identifier = f"{hashlib.sha256(str(path).encode()).hexdigest()[:8]}/{name}"
        if is_below(path, Path()):
            identifier = name = below(path, Path())
        properties = {"name": name, "description": "a file that is not in this crate"}
        if str(path) in self._given and path.is_file():
            with path.open("rb") as file:
                properties["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._entity(f"#left-out/{quote(identifier)}", "CreativeWork", **properties)

    def _entity(self, identifier: str, kind: str, **properties: Any) -> ContextEntity:
        single = {key: _single(value) for key, value in properties.items()}
        properties = {"@type": kind, **single}
        return self.crate.add(ContextEntity(self.crate, identifier, properties=properties))


def _single(value: Any) -> Any:
    """Return the element of a list that has one, as RO-Crate writes it."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _times(jobs: Iterable[RecordedJob]) -> dict[str, str]:
    """Return the start of the first job and the end of the last, as properties of an action."""
    starts, ends = (
        [time for job in jobs if (time := getattr(job, name)) is not None]
        for name in ("start", "end")
    )
    if not starts:
        return {}
    return {"startTime": _iso(min(starts)), "endTime": _iso(max(ends))}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
