"""How the explorer looks."""

from __future__ import annotations

from chainnet.figures.words import FONTS

#: The page that Dash fills in.
PAGE = f"""<!DOCTYPE html>
<html>
<head>
{{%metas%}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{%title%}}</title>
{{%favicon%}}
{{%css%}}
<style>
  :root {{ --accent: #0072b2; --line: #dfe4e8; --grey: #5b6570; --alarm: #b8460a;
    --Dash-Fill-Interactive-Strong: #0072b2; }}
  body {{ margin: 0; color: #1a1a1a; background: #fff; font: 15px/1.5 {FONTS["en"]}; }}
  [lang=ja] {{ font-family: {FONTS["ja"]}; }}
  [lang=ko] {{ font-family: {FONTS["ko"]}; }}
  .explorer {{ display: grid; grid-template-columns: 330px minmax(0, 1fr); gap: 0 24px;
    max-width: 1800px; margin: 0 auto; padding: 12px 20px 40px; }}
  header {{ grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 18px;
    border-bottom: 1px solid var(--line); margin-bottom: 14px; padding-bottom: 8px; }}
  h1 {{ font-size: 21px; margin: 0; }}
  header p {{ margin: 0; flex: 1 1 300px; color: var(--grey); }}
  nav a {{ margin-left: 12px; color: var(--accent); }}
  nav a.here {{ color: inherit; font-weight: bold; text-decoration: none; }}
  h2 {{ font-size: 18px; margin: 26px 0 6px; }}
  h3 {{ font-size: 15px; margin: 16px 0 4px; }}
  #answer h2 {{ margin-top: 0; }}
  #answer p {{ font-size: 16px; max-width: 900px; margin: 6px 0; overflow-wrap: anywhere; }}
  .form {{ position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto;
    box-sizing: border-box; padding-bottom: 12px; }}
  fieldset {{ border: 1px solid var(--line); border-radius: 6px; margin: 0 0 12px; padding: 6px 12px 12px;
    min-width: 0; }}
  legend {{ font-weight: bold; padding: 0 4px; }}
  .field {{ margin: 6px 0; min-width: 0; }}
  .field > label, .or {{ display: block; font-size: 13px; color: #333; margin: 6px 0 2px; }}
  .dash-input-container {{ width: 100%; box-sizing: border-box; }}
  .three {{ display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 8px; align-items: end; }}
  .three input {{ min-width: 0; width: 100%; }}
  .dash-dropdown {{ width: 100%; }}
  .hint {{ font-size: 13px; color: var(--grey); margin: 4px 0; max-width: 900px; overflow-wrap: anywhere; }}
  .ticks {{ max-height: 210px; overflow-y: auto; border: 1px solid var(--line); border-radius: 4px;
    padding: 4px 8px; }}
  .ticks label, .tick {{ display: flex; align-items: baseline; gap: 6px; font-size: 13px; margin: 3px 0; }}
  button, .button {{ font: inherit; font-size: 14px; background: #fff; color: var(--accent); cursor: pointer;
    border: 1px solid var(--accent); border-radius: 4px; padding: 4px 10px; text-decoration: none;
    display: inline-block; box-sizing: border-box; }}
  button:hover, .button:hover {{ background: #eef5fa; }}
  .buttons {{ display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0; }}
  .kept {{ list-style: none; padding: 0; margin: 4px 0; }}
  .kept li {{ display: flex; justify-content: space-between; align-items: center; gap: 8px; margin: 3px 0; }}
  .kept code {{ overflow-wrap: anywhere; font-size: 13px; }}
  .kept button {{ padding: 0 8px; }}
  .examples {{ padding-left: 20px; }}
  .examples a {{ color: var(--accent); }}
  .trouble {{ border-left: 4px solid var(--alarm); background: #fdf3ec; padding: 8px 12px; margin: 6px 0;
    max-width: 900px; overflow-wrap: anywhere; white-space: pre-line; }}
  .wide {{ overflow-x: auto; }}
  .rows {{ overflow: auto; max-height: 460px; border: 1px solid var(--line); width: fit-content;
    max-width: 100%; }}
  table {{ border-collapse: collapse; font-size: 13px; }}
  th {{ text-align: left; background: #f4f6f8; position: sticky; top: 0; }}
  th, td {{ padding: 3px 12px 3px 6px; border-bottom: 1px solid var(--line); vertical-align: top; }}
  td {{ word-break: keep-all; }}
  td:first-child {{ min-width: 130px; }}
  td.number {{ text-align: right; white-space: nowrap; }}
  :focus-visible {{ outline: 3px solid #e69f00; outline-offset: 1px; }}
  .skip {{ position: absolute; left: -9999px; }}
  .skip:focus {{ left: 12px; top: 8px; background: #fff; padding: 6px 12px; z-index: 9; }}
  main {{ min-width: 0; }}
  .across {{ grid-column: 1 / -1; min-width: 0; }}
  @media (max-width: 900px) {{
    .explorer {{ grid-template-columns: minmax(0, 1fr); padding: 8px 12px 30px; }}
    .form {{ position: static; max-height: none; }}
  }}
  @media print {{ .form, nav, .skip {{ display: none; }} .explorer {{ display: block; }} }}
</style>
</head>
<body>
{{%app_entry%}}
<footer>
{{%config%}}
{{%scripts%}}
{{%renderer%}}
</footer>
</body>
</html>
"""
