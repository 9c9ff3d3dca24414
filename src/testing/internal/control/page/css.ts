export const css = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; scroll-padding-top: 4rem }
body { margin: 0 auto; max-width: 80rem; padding: 1rem }
header { align-items: baseline; display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.1rem; margin: 0 0 0.5rem }
h3 { font-size: 1rem; margin: 1rem 0 0.5rem; overflow-wrap: anywhere }
p { margin: 0.25rem 0; overflow-wrap: anywhere }
section { border: 1px solid GrayText; border-radius: 0.5rem; margin: 1rem 0; padding: 1rem }
.beside { display: grid; gap: 0 1rem; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)) }
.beside section { margin-bottom: 0 }
form, .actions { align-items: end; display: flex; flex-wrap: wrap; gap: 0.5rem }
label { display: grid; font-size: 0.85rem }
input, button, select, textarea, .button { font: inherit; max-width: 100%; min-height: 2rem; padding: 0.25rem 0.5rem }
.button { border: 1px solid; border-radius: 0.25rem; display: inline-block }
form + form { margin-top: 0.5rem }
input[type="checkbox"] { align-self: start; height: 1.25rem; min-height: 0; width: 1.25rem }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px }
#messages { background: Canvas; min-height: 3.25em; position: sticky; top: 0; z-index: 1 }
[role="alert"]:not(:empty) { border-left: 0.25rem solid; padding-left: 0.5rem; white-space: pre-line }
form > [role="alert"] { width: 100% }
[aria-invalid="true"] { outline: 2px dashed }
#now { font-variant-numeric: tabular-nums }
.scrolls { overflow-x: auto }
table { border-collapse: collapse; margin-top: 0.5rem; width: 100% }
th { white-space: nowrap }
th, td { border-bottom: 1px solid GrayText; overflow-wrap: break-word; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top }
td { font-variant-numeric: tabular-nums }
tr[aria-current="true"] { background: color-mix(in srgb, Highlight 20%, transparent) }
ul { margin: 0.5rem 0; padding-left: 1.25rem }
li { overflow-wrap: anywhere }
pre { border: 1px solid GrayText; max-height: 30rem; overflow: auto; padding: 0.5rem; white-space: pre-wrap; overflow-wrap: anywhere }
[hidden] { display: none }
`
