"""Reproduce: command, seed, versions and hashes of every input."""

from __future__ import annotations

from stromal.report.blocks import Fold, Section, prose
from stromal.report.content import Content, Facts
from stromal.report.view import Cell, Heading, view_of


def section(content: Content) -> Section:
    """Return the section with everything that is needed to run the study again."""
    return reproduce(content.facts, content.protocol.study.name)


def reproduce(facts: Facts, name: str) -> Section:
    """Return the section with everything that is needed to make a page again.

    Parameters
    ----------
    facts
        Versions, seed, hashes of inputs, and the command.
    name
        Of the study that the command is given; empty where it needs none.
    """
    versions = view_of(
        "Versions",
        [Heading("Software"), Heading("Version")],
        [[name, version] for name, version in facts.versions.items()],
    )
    inputs = view_of(
        "Input files",
        [Heading("File"), Heading("SHA-256", wide=True)],
        [[name, Cell(digest, "muted")] for name, digest in facts.inputs.items()],
    )
    command = f"Command: `{' '.join(['stromal', facts.command, *([name] if name else [])])}`."
    seed = "" if facts.seed is None else f"Seed {facts.seed}. "
    return Section(
        "reproduce",
        "How to reproduce this page",
        (
            *([prose(command)] if facts.command else []),
            prose(f"{seed}The same inputs and versions give the same page, byte for byte."),
            Fold("Versions and hashes of every input", (versions, inputs)),
        ),
        short="Reproduce",
    )
