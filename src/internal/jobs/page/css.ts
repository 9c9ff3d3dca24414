export const css = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1rem }
header { align-items: center; display: flex; justify-content: space-between }
h1 { font-size: 1.5rem }
h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere }
p { margin: 0.25rem 0; overflow-wrap: anywhere }
p:empty { display: none }
#status { min-height: 1.5em }
#status:empty { display: block }
ol { list-style: none; padding: 0 }
article { border: 1px solid GrayText; border-radius: 0.5rem; margin: 1rem 0; padding: 1rem }
progress { height: 1rem; width: 100% }
dl { display: grid; gap: 0.5rem; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); margin: 0.5rem 0 }
dt { font-size: 0.85rem }
dd { font-variant-numeric: tabular-nums; margin: 0 }
input, button { font: inherit; min-height: 2rem; padding: 0.25rem 0.75rem }
button[aria-disabled="true"] { opacity: 0.5 }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px }
.problem, #key-problem { border-left: 0.25rem solid; padding-left: 0.5rem }
table { border-collapse: collapse; margin-top: 0.5rem; width: 100% }
caption { text-align: left }
th, td { border-bottom: 1px solid GrayText; overflow-wrap: anywhere; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top }
`
