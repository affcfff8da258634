"""Pages that come from the library, kept in the repository so that they can be read there.

What stands in a page between `<!-- begin: units, written by make pages -->` and `<!-- end -->` is
written by the recipe, from what the code knows; Sphinx shows it as it stands. Only a fenced block
`names` is filled when the pages are built, with the documentation of the public names it lists.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from analysis_page import write_analyses, write_kinds
from credibility_page import (
    write_assertions,
    write_learned,
    write_pooled,
    write_summary,
    write_targets,
)
from endpoint_page import write_all_criteria, write_overview, write_rules
from table_pages import (
    write_analytes,
    write_events,
    write_patient_tables,
    write_products,
    write_published,
    write_result_tables,
    write_scales,
    write_statistics,
    write_units,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx

BLOCK = re.compile(
    r"^(<!-- begin: (\w+), written by make pages -->)$.*?^(<!-- end -->)$", re.MULTILINE | re.DOTALL
)
NAMES = re.compile(r"^```names\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PARTS: dict[str, Callable[[], str]] = {
    "analyses": write_analyses,
    "analytes": write_analytes,
    "credibility_assertions": write_assertions,
    "credibility_learned": write_learned,
    "credibility_pooled": write_pooled,
    "credibility_summary": write_summary,
    "credibility_targets": write_targets,
    "criteria": write_all_criteria,
    "events": write_events,
    "kinds": write_kinds,
    "overview": write_overview,
    "patients": write_patient_tables,
    "products": write_products,
    "published": write_published,
    "results": write_result_tables,
    "rules": write_rules,
    "scales": write_scales,
    "statistics": write_statistics,
    "units": write_units,
}


def refresh(text: str) -> str:
    """Return a page with its generated parts written anew."""
    return BLOCK.sub(
        lambda match: f"{match.group(1)}\n\n{PARTS[match.group(2)]()}\n{match.group(3)}", text
    )


def _write_names(names: Iterable[str]) -> str:
    """Write the documentation of public names, from their docstrings."""
    lines = []
    for name in names:
        module, _, own = f"stromal.{name}".rpartition(".")
        thing = getattr(import_module(module), own)
        kind = "class" if inspect.isclass(thing) else "function"
        lines += [f".. auto{kind}:: {module}.{own}", ""]
    return "```{eval-rst}\n" + "\n".join(lines) + "```\n"


def fill(text: str) -> str:
    """Return a page with its blocks of names filled."""
    return NAMES.sub(lambda match: _write_names(match.group(1).split()), text)


def _on_read(app: Sphinx, name: str, content: list[str]) -> None:
    del app, name
    content[0] = fill(content[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.connect("source-read", _on_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def main() -> None:
    """Write the generated parts of all pages anew, and name the pages that changed."""
    for file in sorted(Path(__file__).parent.parent.glob("*.md")):
        text = file.read_text("utf-8")
        if (fresh := refresh(text)) != text:
            file.write_text(fresh, "utf-8", newline="\n")
            sys.stdout.write(f"docs/{file.name}\n")


if __name__ == "__main__":
    main()
