/** Colours after Okabe and Ito, a little lighter on dark ground. */
export const VARIABLES = {
  light:
    '--ink:#1d2329;--muted:#5b6670;--line:#8a949c;--grid:#e3e7ea;--page:#fff;--card:#f6f8f9;--idle:#c3cbd1;' +
    '--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b85f93;--c4:#b98500;--c5:#3d9bd0;--good:#00704f;--bad:#b13c00;',
  dark:
    '--ink:#e6eaed;--muted:#a3aeb6;--line:#6d7880;--grid:#323a41;--page:#14181b;--card:#1d2327;--idle:#566069;' +
    '--c0:#4aa8e0;--c1:#f28a3c;--c2:#35c79a;--c3:#e09ac2;--c4:#e6b84a;--c5:#8fd0f5;--good:#45d0a2;--bad:#ff9a66;',
}

export const STYLE = `
:root{${VARIABLES.light}}
@media (prefers-color-scheme:dark){:root{${VARIABLES.dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .4em}
h2{font-size:1.25rem;margin:2em 0 .5em}
h3{font-size:1rem;margin:0 0 .6em}
p{max-width:72ch;margin:.4em 0 .8em}
p b{white-space:nowrap}
.note{border-left:3px solid var(--bad);padding-left:.7em}
.cards{display:flex;flex-wrap:wrap;gap:10px;margin:1em 0 0}
.cards div{background:var(--card);border-radius:8px;padding:8px 16px;display:flex;flex-direction:column-reverse;flex:1 1 110px}
.cards dt{color:var(--muted);font-size:.85rem}
.cards dd{margin:0;font-size:1.35rem;font-weight:600}
.figures{columns:2 440px;column-gap:18px}
figure{margin:0 0 18px;break-inside:avoid;background:var(--card);border-radius:8px;padding:14px}
figure svg{display:block;width:100%;height:auto;max-width:680px}
figcaption{color:var(--muted);font-size:.87rem;margin-top:.4em;overflow-wrap:anywhere}
[data-tip]{cursor:pointer;outline-offset:2px}
.scroll{overflow-x:auto;border:1px solid var(--grid);border-radius:8px;max-height:80vh}
table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:5px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid)}
thead th{position:sticky;top:0;background:var(--card);font-weight:600;z-index:1}
th:first-child{text-align:left;position:sticky;left:0;background:var(--card);font-weight:500}
tbody tr:last-child>*{border-bottom:0}
thead th:first-child{z-index:2}
.words td{text-align:left;white-space:normal;min-width:7em}.words thead th{text-align:left}
.kept{color:var(--good)}.broken{color:var(--bad);font-weight:600}.unknown{color:var(--muted)}
.facts{display:grid;grid-template-columns:minmax(110px,max-content) 1fr;gap:4px 18px;margin:0}
.facts dt{color:var(--muted)}.facts dd{margin:0;overflow-wrap:anywhere}
#tip{position:fixed;display:none;white-space:pre-line;background:var(--ink);color:var(--page);padding:7px 11px;border-radius:6px;font-size:.85rem;max-width:min(340px,90vw);pointer-events:none;z-index:9}
@media (max-width:520px){th:first-child{min-width:7.5em;max-width:40vw;white-space:normal;overflow-wrap:break-word}figure{padding:10px}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5em}}
@media print{.scroll{max-height:none;overflow:visible}figure{break-inside:avoid}}
`

/** Tooltips: by pointer, by touch and by keyboard. */
export const SCRIPT = `
(() => {
  const tip = document.getElementById('tip')
  const show = (mark) => {
    tip.textContent = mark.dataset.tip
    tip.style.display = 'block'
    const at = mark.getBoundingClientRect()
    const left = Math.min(Math.max(8, at.left + at.width / 2 - tip.offsetWidth / 2), innerWidth - tip.offsetWidth - 8)
    const above = at.top - tip.offsetHeight - 10
    tip.style.left = left + 'px'
    tip.style.top = (above > 4 ? above : at.bottom + 10) + 'px'
  }
  const hide = () => { tip.style.display = 'none' }
  for (const kind of ['pointerover', 'focusin', 'click'])
    document.addEventListener(kind, (event) => {
      const mark = event.target.closest?.('[data-tip]')
      if (mark) show(mark)
      else hide()
    })
  document.addEventListener('focusout', hide)
  addEventListener('scroll', hide, { passive: true })
})()
`
