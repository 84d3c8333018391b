// How the page of the documentation looks: light or dark as the reader's system is, on screens of any width, and on paper.

export const docsStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --page: #ffffff; --panel: #f3f5f7; --line: #d0d7de; --accent: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ed; --soft: #9aa4af; --page: #14171a; --panel: #1e2328; --line: #3a424b; --accent: #8ab4f8; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; color: var(--text); background: var(--page); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, .table:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999em; padding: 0.5em 1em; background: var(--page); }
.skip:focus { left: 0.5em; top: 0.5em; }
.layout { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 84rem; margin: 0 auto; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem; border-right: 1px solid var(--line); font-size: 0.875rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav li { margin: 0.15rem 0; overflow-wrap: anywhere; }
nav strong a { color: inherit; text-decoration: none; }
main { padding: 1.5rem 2rem 6rem; }
h1 { margin-top: 0; }
h2 { margin-top: 4rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { margin-top: 3rem; }
h4 { margin: 1.5rem 0 0.5rem; color: var(--soft); }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875em; }
code { background: var(--panel); padding: 0.1em 0.3em; border-radius: 0.25em; overflow-wrap: anywhere; }
pre { background: var(--panel); padding: 1rem; border-radius: 0.5rem; overflow-x: auto; border: 1px solid var(--line); }
pre code { padding: 0; background: none; overflow-wrap: normal; }
.method { font: 600 0.8em ui-monospace, monospace; border: 1px solid var(--line); border-radius: 0.3em; padding: 0.15em 0.5em; margin-right: 0.5em; }
.table { overflow-x: auto; margin: 0.5rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
td:first-child code { white-space: nowrap; }
summary { cursor: pointer; color: var(--accent); }
.soft { color: var(--soft); }
@media (max-width: 60rem) {
  .layout { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 1rem; }
}
@media print { nav, .skip { display: none; } .layout { display: block; } }
`;
