"""Numbers side by side for compiled kernels: what is written for one number holds for many.

A kernel takes a ``width``, a tuple whose length is the number of lanes and is known when it is
compiled. What :func:`load` takes from a row of an array is a plain float in one lane; in more lanes
it is a vector with one number of each lane, which knows ``+ - * /`` with its like and with floats.
A lane's numbers never meet another's: each is the same, to the last bit, in any number of lanes.

Written out as vectors because compilers see none: a loop over eight lanes is unrolled into single
numbers, and one over an unknown number of lanes is made for far more than eight. Rows are given as
numbers into arrays (rows, lanes), contiguous, of floats; nothing is checked.
"""

# ruff: noqa: ANN401 - what numba hands over bears no types
from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, models, overload, register_model

_INT = ir.IntType(32)
_DOUBLE = ir.DoubleType()
_instruction: Callable[[Callable[..., Any]], Any] = intrinsic
_asking: Any = cgutils.get_or_insert_function


class Side(types.Type):
    """The type of so many floats side by side."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"Side({width})")


@register_model(Side)
class _SideModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Side) -> None:
        super().__init__(manager, kind, ir.VectorType(_DOUBLE, kind.width))  # type: ignore[no-untyped-call]


def _kind(width: int) -> Any:
    return types.float64 if width == 1 else Side(width)


def _common(*kinds: Any) -> Any:
    """Return the type of vectors if there is one among the operands, else that of floats."""
    return next((kind for kind in kinds if isinstance(kind, Side)), types.float64)


def _as(context: Any, builder: Any, value: Any, of: Any, to: Any) -> Any:
    """Return a value as the type of an operation: a float goes into all lanes."""
    if isinstance(of, Side):
        return value
    value = context.cast(builder, value, of, types.float64)
    if not isinstance(to, Side):
        return value
    nothing = ir.Constant(ir.VectorType(_DOUBLE, to.width), ir.Undefined)
    first = builder.insert_element(nothing, value, _INT(0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(_INT, to.width), [0] * to.width))


def _operands(context: Any, builder: Any, signature: Any, values: Any, to: Any) -> list[Any]:
    return [_as(context, builder, x, of, to) for x, of in zip(values, signature.args, strict=True)]


def _arithmetic(sign: Callable[[Any, Any], Any], instruction: str) -> None:
    """Teach vectors one of the signs."""

    @_instruction
    def run(_: Any, a: Any, b: Any) -> Any:
        to = _common(a, b)

        def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return getattr(builder, instruction)(*_operands(context, builder, signature, values, to))

        return to(a, b), code

    # Without types: numba compares its names with those of what it returns.
    @overload(sign)
    def with_sides(a, b):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if isinstance(_common(a, b), Side):
            return lambda a, b: run(a, b)  # noqa: PLW0108 - numba reads its arguments
        return None


for _sign, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_sign, _name)


@_instruction
def pick(_: Any, a: Any, b: Any, x: Any, y: Any) -> Any:
    """Return x where a < b, else y."""
    to = _common(a, b, x, y)

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        low, high, first, second = _operands(context, builder, signature, values, to)
        return builder.select(builder.fcmp_ordered("<", low, high), first, second)

    return to(a, b, x, y), code


@_instruction
def any_less(_: Any, a: Any, b: Any) -> Any:
    """Say whether a < b in any lane."""
    to = _common(a, b)

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        less = builder.fcmp_ordered("<", *_operands(context, builder, signature, values, to))
        if not isinstance(to, Side):
            return less
        bits = ir.IntType(to.width)
        return builder.icmp_unsigned("!=", builder.bitcast(less, bits), bits(0))

    return types.boolean(a, b), code


@_instruction
def every(_: Any, value: Any, width: Any) -> Any:
    """Return a float in all lanes."""
    to = _kind(width.count)

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _as(context, builder, values[0], signature.args[0], to)

    return to(value, width), code


def _row(context: Any, builder: Any, signature: Any, values: Any, width: int) -> Any:
    """Return the address of a row of an array: the first two operands."""
    array = context.make_array(signature.args[0])(context, builder, values[0])
    row = context.cast(builder, values[1], signature.args[1], types.intp)
    return builder.gep(array.data, [builder.mul(row, row.type(width))])


@_instruction
def load(_: Any, array: Any, row: Any, width: Any) -> Any:
    """Return a row of an array."""
    to = _kind(width.count)

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        at = _row(context, builder, signature, values, width.count)
        kind = context.get_value_type(to)
        return builder.load(builder.bitcast(at, kind.as_pointer()), align=8)

    return to(array, row, width), code


@_instruction
def store(_: Any, array: Any, row: Any, value: Any) -> Any:
    """Write a row of an array."""
    width = value.width if isinstance(value, Side) else 1

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        at = _row(context, builder, signature, values, width)
        new = _as(context, builder, values[2], signature.args[2], _kind(width))
        builder.store(new, builder.bitcast(at, new.type.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.none(array, row, value), code


def _ask(builder: Any, at: Any) -> None:
    """Ask for the line of the cache at an address: to read, to keep in every cache, data."""
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, _INT, _INT, _INT])
    ask = _asking(builder.module, kind, "llvm.prefetch.p0i8")
    builder.call(ask, [builder.bitcast(at, byte), _INT(0), _INT(3), _INT(1)])


@_instruction
def fetch_line(_: Any, array: Any, row: Any, column: Any) -> Any:
    """Ask for what lies around a number of an array of any width, which will be needed soon."""

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, values[0])
        width = cgutils.unpack_tuple(builder, view.shape, 2)[1]  # type: ignore[no-untyped-call]
        row, column = (context.cast(builder, values[k], signature.args[k], types.intp) for k in (1, 2))
        _ask(builder, builder.gep(view.data, [builder.add(builder.mul(row, width), column)]))
        return context.get_dummy_value()

    return types.none(array, row, column), code
