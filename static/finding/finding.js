// The sentence above the panes of the gap map: its numbers are buttons that filter the list.

const STYLE = `
  :host { display: block; }
  p { margin: 0; height: 22px; line-height: 22px; font-size: 14px; color: #1c2733;
    white-space: pre; overflow: auto hidden; scrollbar-width: none; }
  button { all: unset; cursor: pointer; font-weight: 500; color: #7c2415;
    text-decoration: underline dotted; text-underline-offset: 3px; }
  button:hover { color: #1f5f8b; }
  button:focus-visible { outline: 2px solid #1f5f8b; outline-offset: -1px; }
  button[aria-pressed="true"] { text-decoration-style: solid; }
  button.calm { color: #5a6672; }
  .invented { background: #fdf0c9; color: #7a4b00; border-radius: 3px; padding: 1px 7px;
    margin-right: 8px; font-size: 12px; }
  .note { font-size: 12px; color: #5a6672; }
`;
const CALM = ["unknown", "none"];

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

class Finding {
  constructor(root) {
    this.line = element("p", "", "");
    root.replaceChildren(element("style", "", STYLE), this.line);
  }

  show({ mark, parts, filters, note }, report) {
    this.report = report;
    const told = JSON.stringify([mark, parts, filters, note]);
    if (told === this.told) return;
    this.told = told;
    this.line.replaceChildren(...parts.map(([text, code]) => {
      if (!code) return element("span", "", text);
      const button = element("button", CALM.includes(code) ? "calm" : "", text);
      button.type = "button";
      button.dataset.code = code;
      button.setAttribute("aria-pressed", String(filters.includes(code)));
      button.addEventListener("click", () => this.report(code));
      return button;
    }));
    if (mark) this.line.prepend(element("span", "invented", mark));
    if (note) this.line.append(element("span", "note", note));
  }
}

const shown = new WeakMap();

export default function finding({ parentElement, data, setTriggerValue }) {
  // The page may have lent the place to another component meanwhile, which cleared it.
  if (!parentElement.contains(shown.get(parentElement)?.line ?? null)) {
    shown.set(parentElement, new Finding(parentElement));
  }
  shown.get(parentElement).show(data, (code) => setTriggerValue("gap", code));
}
