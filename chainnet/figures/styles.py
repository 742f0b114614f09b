"""How a page looks on a screen and on paper, and the little script that sorts and copies its tables."""

from __future__ import annotations

STYLE = """
  body { margin: 0 auto; padding: 16px; max-width: 1384px; box-sizing: border-box; color: #1a1a1a;
    background: #fff; font: 15px/1.5 FONTS; }
  h1 { font-size: 22px; line-height: 1.3; margin: 0 0 12px; }
  h2 { font-size: 18px; margin: 36px 0 8px; }
  h3 { font-size: 15px; margin: 20px 0 6px; }
  .wide { overflow-x: auto; }
  .wide .plotly-graph-div { margin: 0 auto; }
  .swipe { display: none; color: #5b6570; font-size: 13px; margin: 0 0 6px; }
  .note { max-width: 860px; font-size: 14px; color: #333; }
  .note p { margin: 6px 0; overflow-wrap: anywhere; }
  .points { max-width: 860px; padding-left: 26px; }
  .points li { margin: 7px 0; overflow-wrap: anywhere; }
  .made { color: #5b6570; font-size: 13px; margin-top: 28px; }
  .rows { overflow: auto; max-height: 520px; border: 1px solid #dfe4e8; width: fit-content;
    max-width: 100%; }
  table { border-collapse: collapse; font-size: 13px; }
  th { text-align: left; white-space: nowrap; background: #f4f6f8; position: sticky; top: 0;
    cursor: pointer; }
  th, td { padding: 3px 12px 3px 6px; border-bottom: 1px solid #dfe4e8; vertical-align: top; }
  th[aria-sort=ascending]::after { content: " ▲"; }
  th[aria-sort=descending]::after { content: " ▼"; }
  td { word-break: keep-all; }
  td.number { text-align: right; white-space: nowrap; }
  td a { overflow-wrap: anywhere; color: #0072b2; }
  tbody tr:hover { background: #f9fafb; }
  .tools { color: #5b6570; font-size: 13px; margin: 6px 0; }
  .copy { font: inherit; margin-right: 8px; }
  @media (max-width: 1000px) { .swipe { display: block; } }
  @media (max-width: 600px) { body { padding: 10px; } h1 { font-size: 18px; } }
  @page { size: A4; margin: 14mm 12mm; }
  @page across { size: A4 landscape; margin: 12mm; }
  @media print {
    body { padding: 0; max-width: none; font-size: 10.5pt; }
    .swipe, .tools { display: none; }
    .points, .note { max-width: none; }
    .rows { overflow: visible; max-height: none; max-width: none; border: 0; width: auto; }
    .wide { overflow: hidden; width: var(--broad); height: var(--tall); }
    .shown { break-inside: avoid; }
    .across { page: across; }
    .wide .plotly-graph-div { transform: scale(var(--shrink)); transform-origin: top left; margin: 0; }
    h2, h3 { break-after: avoid; }
    table { font-size: 7.5pt; line-height: 1.35; width: 100%; }
    th { position: static; white-space: normal; word-break: keep-all; }
    th, td { padding: 2px 6px 2px 3px; }
    td:last-child:not(.number) { width: 30%; }
    td a { color: inherit; text-decoration: none; }
    thead { display: table-header-group; }
    tr { break-inside: avoid; }
  }
"""

#: Cells that a spreadsheet would take for a formula are copied with an apostrophe before them.
SCRIPT = """
  for (const table of document.querySelectorAll("table")) {
    const value = cell => {
      const text = cell.textContent.trim();
      if (!cell.classList.contains("number")) return text;
      const number = parseFloat(text.replace("\\u2212", "-").replace(/[<>,\\s]/g, ""));
      return isNaN(number) ? "" : number + (text[0] === "<" ? -0.5 : text[0] === ">" ? 0.5 : 0);
    };
    const order = (a, b) =>
      typeof a === "number" && typeof b === "number" ? a - b
      : typeof a === "number" ? -1 : typeof b === "number" ? 1 : a.localeCompare(b);
    const sort = head => {
      const down = head.getAttribute("aria-sort") === "ascending", at = head.cellIndex;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows].map(row => [value(row.cells[at]), row]);
      const empty = rows.filter(row => row[0] === ""), full = rows.filter(row => row[0] !== "");
      full.sort((a, b) => down ? order(b[0], a[0]) : order(a[0], b[0]));
      table.tBodies[0].append(...[...full, ...empty].map(row => row[1]));
    };
    for (const head of table.tHead.rows[0].cells) {
      head.addEventListener("click", () => sort(head));
      head.addEventListener("keydown", event => { if (event.key === "Enter") sort(head); });
    }
    const button = table.closest("section").querySelector(".copy");
    button.addEventListener("click", () => {
      const plain = text => /^[=+@-]/.test(text) && isNaN(text) ? "'" + text : text;
      const lines = [...table.rows].map(row => [...row.cells].map(cell =>
        plain(cell.textContent.trim().replace(/\\s+/g, " "))).join("\\t"));
      const box = document.createElement("textarea");
      box.value = lines.join("\\n");
      document.body.append(box);
      box.select();
      if (document.execCommand("copy")) button.textContent = button.dataset.done;
      box.remove();
    });
  }
"""
