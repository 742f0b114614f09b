"""Small cards that notebooks show: a heading, a few facts, a short table; escaped, without any script."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

_CARD = "border:1px solid #9aa4ae;border-radius:4px;padding:8px 12px;display:inline-block;max-width:60em"
_CELL = "text-align:left;padding:1px 12px 1px 0"


def card(
    heading: str,
    facts: Mapping[str, object],
    *,
    heads: Sequence[str] = (),
    rows: Sequence[Sequence[object]] = (),
) -> str:
    """Return a card in HTML: what a notebook shows of a value.

    Parameters
    ----------
    heading
        Plain text.
    facts
        Names and values, a line each; empty values are left out.
    heads, rows
        A short table below.

    Returns
    -------
    str
        HTML; everything given is escaped.

    Examples
    --------
    >>> "<b>A &amp; B</b>" in card("A & B", {"firms": 3})
    True
    """
    lines = [f'<div style="{_CARD}"><b>{_safe(heading)}</b>']
    lines += [f"<div>{_safe(name)}: {_safe(value)}</div>" for name, value in facts.items() if value != ""]
    if rows:
        lines.append("<table><thead><tr>")
        lines += [f'<th style="{_CELL}">{_safe(head)}</th>' for head in heads]
        lines.append("</tr></thead><tbody>")
        for row in rows:
            cells = "".join(f'<td style="{_CELL}">{_safe(cell)}</td>' for cell in row)
            lines.append(f"<tr>{cells}</tr>")
        lines.append("</tbody></table>")
    return "".join([*lines, "</div>"])


def _safe(value: object) -> str:
    return html.escape(str(value))
