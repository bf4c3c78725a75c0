/** How the report looks, on a screen and on paper. */
export const STYLE = `
  body { font: 15px/1.5 system-ui, 'DejaVu Sans', Verdana, sans-serif; color: #1a1a1a; background: #fff;
    max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
  h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
  .lead { color: #555; margin-top: .25rem; } .standing { padding-left: 1.1rem; } .standing li:first-child { font-weight: 600; }
  nav { font-size: .88em; color: #888; } nav a { color: #0055a4; text-decoration: none; white-space: nowrap; }
  .wide { overflow-x: auto; margin-bottom: 1rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
  th { font-weight: 600; vertical-align: bottom; font-size: .9em; }
  td.number, th.number { text-align: right; padding-right: .35rem; padding-left: .65rem; }
  td.number { white-space: nowrap; } td.name { min-width: 11em; overflow-wrap: anywhere; } td.name .what { max-width: 24em; }
  tr.ceiling td { background: #f3f3f3; }
  .interval { color: #666; font-size: .82em; display: block; } .what { color: #555; font-size: .88em; }
  td .what { display: block; line-height: 1.35; }
  .key { margin-right: .5em; vertical-align: middle; } .entry { white-space: nowrap; margin-right: 1.2em; }
  figure { margin: 0 0 1.25rem; } svg, img { max-width: 100%; height: auto; }
  .panels { display: flex; flex-wrap: wrap; gap: .25rem; } .panels figure { margin: 0; }
  code { font-size: .85em; overflow-wrap: anywhere; }
  @media print { body { margin: 0; max-width: none; font-size: 11px; } figure, tr { break-inside: avoid; } }
`;
