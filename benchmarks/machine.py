"""What the machine can do: its name, its peak, and the arithmetic in a program."""

from __future__ import annotations

import ast
import ctypes
import os
import platform
import time
from pathlib import Path

import numba
import numpy as np

from stromal.kernels.compile.program import Program
from stromal.kernels.solvers.lanes.machine_code import Unit, compile_units
from stromal.kernels.solvers.lanes.method import write_method
from stromal.kernels.solvers.lanes.width import Width

STAGES = 8
TRANSCENDENTAL = 20
CHAINS = 12
TURNS = 4_000_000


def describe() -> str:
    """Processor, cores and versions in one line."""
    name = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        facts = dict(
            (part.strip() for part in line.split(":", 1))
            for line in about.read_text("utf-8").splitlines()
            if ":" in line
        )
        name = f"{facts['model name']}, family {facts['cpu family']} model {facts['model']}"
    versions = f"Python {platform.python_version()}, numba {numba.__version__}"
    return f"{name}, {os.cpu_count()} cores; {versions}"


def load() -> str:
    """Processes that want a core, over the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def measure_peak(width: Width, repeats: int = 3) -> float:
    """Multiply-adds per second of a loop that does nothing else, as GFLOP/s of CPU time."""
    chains = [f"a{i}" for i in range(CHAINS)]
    lines = [
        "def spin(x):",
        "    m = load(x, 0)",
        "    s = load(x, 1)",
        *(f"    {a} = load(x, {i + 2})" for i, a in enumerate(chains)),
        f"    for i in range({TURNS}):",
        *(f"        {a} = {a} * m + s" for a in chains),
        *(f"    store(x, {i + 2}, {a})" for i, a in enumerate(chains)),
    ]
    code = compile_units("benchmark/peak", [Unit("\n".join(lines), width)])
    spin = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(code.addresses["spin"])
    kind = np.float64 if width.bits == 64 else np.float32
    rows = np.full((CHAINS + 2, width.lanes), 0.5, kind)
    rates = []
    for _ in range(repeats):
        begin = time.process_time()
        spin(rows.ctypes.data)
        rates.append(2.0 * CHAINS * TURNS * width.lanes / (time.process_time() - begin) / 1e9)
    return float(np.median(rates))


def count_flops(text: str) -> dict[str, int]:
    """Operations of each function of generated source; a loop counts once for each turn."""
    return {
        node.name: sum(_count(statement) for statement in node.body)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


def _count(node: ast.AST) -> int:
    own = 0
    if isinstance(node, ast.BinOp):
        own = 1
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        own = {"exp": TRANSCENDENTAL, "log": TRANSCENDENTAL, "sqrt": TRANSCENDENTAL}.get(
            node.func.id, 2 * TRANSCENDENTAL if node.func.id == "power" else 0
        )
    if isinstance(node, ast.Subscript | ast.Constant):
        return 0
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"load", "number"}:
        return 0
    below = sum(_count(child) for child in ast.iter_child_nodes(node))
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
        turns = node.iter.args[0]
        if isinstance(turns, ast.Constant):
            return int(turns.value) * sum(_count(child) for child in node.body)
    return own + below


def flops_per_step(program: Program) -> dict[str, int]:
    """Operations of one step of one patient, by part: rates, factor, resolve, and the method."""
    own = count_flops(program.source)
    observed, read = len(program.reads), len(program.reads_constants)
    method = count_flops(
        write_method(program.n_states, observed, read, 64, uses_time=program.uses_time)
    )
    sums = sum(count for name, count in method.items() if name.startswith("stage_"))
    return {
        "rates": (STAGES - 1) * own["rates"],
        "factor": own["factor"],
        "resolve": STAGES * own["resolve"],
        "method": sums + method["estimate_error"],
    }
