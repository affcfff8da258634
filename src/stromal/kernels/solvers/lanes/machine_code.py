"""Functions of generated text as machine code, made by LLVM and kept on disk.

All functions of a program are one module, which is compiled for the processor at hand with
addresses relative to the code. numba's way of compiling takes 64-bit addresses, and a function for
each; that made the code of a step a fifth longer, too long for the processor's store of decoded
instructions, and up to a fifth slower.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

import llvmlite
from llvmlite import binding, ir

from stromal.kernels.compile.cache import (
    cache_folder,
    digest_of,
    digest_of_package,
    read_sealed,
    write_sealed,
)
from stromal.kernels.solvers.lanes.translate import translate_function
from stromal.kernels.solvers.lanes.vector import DOUBLE, LONG, SINGLE, Vector
from stromal.kernels.solvers.lanes.width import Width
from stromal.locks import PARSING, ForkedLock

_COMPILING = ForkedLock()
"""LLVM's objects are made and loaded by one thread at a time."""

ELEMENTS: Mapping[str, Any] = MappingProxyType({"f64": DOUBLE, "f32": SINGLE, "i64": LONG})
PICKS: Mapping[int, Any] = MappingProxyType({64: LONG, 32: ir.IntType(32)})


@dataclass(frozen=True, slots=True)
class Unit:
    """Text of functions that compute with vectors of one width.

    Parameters
    ----------
    text
        The functions, as `translate` describes them.
    width
        Of the vectors.
    elements
        By the names of arguments, `f64`, `f32` or `i64` where elements are not the vector's own;
        `picks` are integers of the vector's bits.
    adds
        Functions whose `store` adds to what is there.
    wanted
        Functions to compile; all when left out.
    prefix
        Put before the name of each.
    """

    text: str
    width: Width
    elements: Mapping[str, str] = field(default_factory=dict)
    adds: frozenset[str] = frozenset()
    wanted: frozenset[str] | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class MachineCode:
    """Addresses of functions by name, as long as this object lives."""

    addresses: Mapping[str, int]
    kept: Any


def compile_units(name: str, units: Sequence[Unit]) -> MachineCode:
    r"""Functions of several texts as one module of machine code, or as it was kept.

    Parameters
    ----------
    name
        Path of what is kept, below the folder of machine code, without suffix.
    units
        Texts; no two functions of one name.

    Examples
    --------
    >>> text = "def double(x, o):\n    store(o, 0, 2.0 * load(x, 0))"
    >>> sorted(compile_units("example/double", [Unit(text, Width(64, 4))]).addresses)
    ['double']
    """
    parsed = [(unit, _functions(unit)) for unit in units]
    names = [f"{unit.prefix}{each.name}" for unit, found in parsed for each in found]
    path = cache_folder() / "machine" / f"{name}-{_digest(units)[:24]}.o"
    with _COMPILING:
        code = read_sealed(path)
        if code is None:
            code = _target().emit_object(_optimise(_translate(parsed)))
            write_sealed(path, code)
        return _load(code, names)


def write_ir(units: Sequence[Unit]) -> str:
    """The module in LLVM's language, optimised: to be looked at."""
    with _COMPILING:
        return str(_optimise(_translate([(unit, _functions(unit)) for unit in units])))


def _functions(unit: Unit) -> list[ast.FunctionDef]:
    with PARSING:
        tree = ast.parse(unit.text)
    found = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    return [each for each in found if unit.wanted is None or each.name in unit.wanted]


def _translate(parsed: Sequence[tuple[Unit, list[ast.FunctionDef]]]) -> str:
    module = ir.Module("lanes")
    module.triple = binding.get_process_triple()
    for unit, definitions in parsed:
        kinds = {name: ELEMENTS[kind] for name, kind in unit.elements.items()}
        kinds["picks"] = PICKS[unit.width.bits]
        vector = Vector(unit.width)
        for definition in definitions:
            adds = definition.name in unit.adds
            name = f"{unit.prefix}{definition.name}"
            translate_function(module, definition, vector, kinds, name=name, adds=adds)
    return str(module)


def _optimise(text: str) -> binding.ModuleRef:
    module = binding.parse_assembly(text)
    module.verify()
    tuning = binding.create_pipeline_tuning_options(speed_level=3)
    # the text is vectors already, and its loops are as long as they should be
    tuning.loop_vectorization = tuning.slp_vectorization = tuning.loop_unrolling = False
    builder = binding.create_pass_builder(_target(), tuning)
    builder.getModulePassManager().run(module, builder)
    return module


def _load(code: bytes, names: Sequence[str]) -> MachineCode:
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _target())
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    addresses = {name: engine.get_function_address(name) for name in names}
    return MachineCode(MappingProxyType(addresses), engine)


def _target() -> binding.TargetMachine:
    """The processor at hand; short addresses, relative to the code."""
    _start_llvm()
    return binding.Target.from_triple(binding.get_process_triple()).create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=_features(),
        opt=3,
        reloc="pic",
        codemodel="small",
    )


@cache
def _start_llvm() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


@cache
def _features() -> str:
    return str(binding.get_host_cpu_features().flatten())


@cache
def _digest_of_translator() -> str:
    """Digest of what decides on the machine code besides the text."""
    text = digest_of_package("stromal.kernels.solvers.lanes")
    version = llvmlite.__version__, binding.llvm_version_info
    return digest_of((text, version, binding.get_host_cpu_name(), _features()))


def _digest(units: Sequence[Unit]) -> str:
    told = [
        (
            (each.text, each.width, each.prefix),
            (sorted(each.elements.items()), sorted(each.adds)),
            None if each.wanted is None else sorted(each.wanted),
        )
        for each in units
    ]
    return digest_of((_digest_of_translator(), told))
