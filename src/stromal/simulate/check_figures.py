"""What figures of simulated patients ask that the protocol or the model does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import inf

from stromal.errors import Issue
from stromal.protocol.protocol import Protocol
from stromal.protocol.simulation import SimulatedFigure, Simulation
from stromal.simulate.model import SimulatedModel
from stromal.toml.explain import suggest


def check_figures(
    protocol: Protocol, simulation: Simulation, model: SimulatedModel
) -> Iterator[Issue]:
    """Yield names that figures ask for and that nobody knows, and figures that show nothing."""
    measured = {name for entry in simulation.observations for name in entry.analytes}
    seen: set[str] = set()
    for index, figure in enumerate(simulation.figures):
        column = f"simulation.figures[{index}]"
        if figure.name in seen:
            yield _issue(f"two figures are called `{figure.name}`", f"{column}.name", "rename one")
        seen.add(figure.name)
        products = (figure.product,) if figure.product else ()
        analyses = (figure.analysis,) if figure.analysis else ()
        for key, names, known, what in (
            ("analytes", figure.analytes, measured, "measured analytes"),
            ("outputs", figure.outputs, model.ports.courses, "courses of the model's ports"),
            ("arms", figure.arms, protocol.arms, "arms"),
            ("events", figure.events, protocol.vocabulary.events, "events"),
            ("product", products, protocol.products, "products"),
            ("analysis", analyses, [each.name for each in protocol.analyses], "analyses"),
        ):
            yield from _check_names(names, known, what, f"{column}.{key}")
        yield from _check_shown(figure, column)
        if figure.from_day is not None and figure.from_day < simulation.start_day:
            what = f"figure `{figure.name}` begins before the run, day {simulation.start_day:g}"
            yield _issue(what, f"{column}.from_day", "let it begin later")


def _check_names(
    names: Collection[str], known: Collection[str], what: str, column: str
) -> Iterator[Issue]:
    for name in names:
        if name not in known:
            yield _issue(f"`{name}` is none of the {what}", column, suggest(name, known, what))


def _check_shown(figure: SimulatedFigure, column: str) -> Iterator[Issue]:
    """Yield figures that lack what their kind shows, or have what it does not."""
    if figure.show == "dose_response":
        if figure.analysis is None or figure.category is None:
            what = f"figure `{figure.name}` does not say whose share it shows"
            yield _issue(what, column, "write `analysis` and `category`")
        return
    if figure.show == "best_change":
        if len(figure.analytes) != 1 or figure.outputs:
            what = f"figure `{figure.name}` shows the best change of one analyte"
            yield _issue(what, column, "write one in `analytes`")
        return
    if bool(figure.analytes) == bool(figure.outputs):
        what = f"figure `{figure.name}` shows analytes or outputs of the model"
        yield _issue(what, column, "write `analytes` or `outputs`, one of the two")
    if len(figure.analytes) + len(figure.outputs) > 1 and (figure.thresholds or figure.events):
        what = f"figure `{figure.name}` has thresholds or events, and more than one quantity"
        yield _issue(what, column, "write a figure for each quantity")
    begins = -inf if figure.from_day is None else figure.from_day
    if figure.to_day is not None and begins >= figure.to_day:
        what = f"figure `{figure.name}` ends before it begins"
        yield _issue(what, f"{column}.to_day", "write a later day")


def _issue(message: str, column: str, hint: str) -> Issue:
    return Issue(message, "protocol.toml", column=column, hint=hint)
