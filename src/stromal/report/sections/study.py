"""Study and arms: question, design, population, regimens, notes on the data."""

from __future__ import annotations

from stromal.protocol.protocol import Population, Protocol
from stromal.report.blocks import Block, Fact, Facts, Fold, Items, Section
from stromal.report.content import Content
from stromal.report.groups import label_day_zero
from stromal.report.regimens import render_regimens
from stromal.report.words import render_range, render_sentence


def section(content: Content) -> Section:
    """Return the section on the study as the protocol states it."""
    protocol = content.protocol
    notes = tuple(render_sentence(note) for note in protocol.study.notes)
    blocks: list[Block] = [Facts(_list_facts(protocol)), render_regimens(protocol)]
    if notes:
        blocks.append(Fold(f"Notes on the data ({len(notes)})", (Items(notes),)))
    return Section("study", "Study and arms", tuple(blocks))


def _list_facts(protocol: Protocol) -> tuple[Fact, ...]:
    """List what the protocol states of question, design and patients; sources are at the first."""
    study, population = protocol.study, protocol.population
    stated = (
        ("Question", study.question),
        ("Design", study.design),
        ("Population", population.description),
        ("Diagnoses", "; ".join(population.diagnoses)),
        ("Included", "; ".join(population.inclusion)),
        ("Excluded", "; ".join(population.exclusion)),
        ("Age", _describe_age(population)),
        ("Planned", f"{population.planned_n} patients" if population.planned_n else ""),
        ("Day 0", label_day_zero(protocol)),
        ("Registry", study.registry),
    )
    known = [(name, text) for name, text in stated if text]
    return tuple(
        Fact(name, text, () if place else study.sources) for place, (name, text) in enumerate(known)
    )


def _describe_age(population: Population) -> str:
    low, high = population.age_min_years, population.age_max_years
    if low is not None and high is not None:
        return f"{render_range(low, high)} years"
    if low is not None:
        return f"{low:g} years or older"
    return f"up to {high:g} years" if high is not None else ""
