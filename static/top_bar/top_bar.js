// The search for a place with suggestions while typing, and the button that copies the link.

const STYLE = `
  :host { display: block; }
  .bar { display: flex; gap: 8px; align-items: center; font-size: 13px; color: #1c2733; }
  .search { position: relative; width: 132px; }
  input { box-sizing: border-box; width: 100%; height: 32px; padding: 0 10px; font: inherit;
    color: inherit; border: 1px solid #cdd3d9; border-radius: 4px; background: #fff; }
  input::placeholder { color: #5a6672; }
  input:focus, button:focus-visible { outline: 2px solid #1f5f8b; outline-offset: -1px; }
  ul { position: absolute; z-index: 5; top: 34px; left: 0; width: 260px; margin: 0; padding: 4px 0;
    list-style: none; background: #fff; border: 1px solid #cdd3d9; border-radius: 4px;
    box-shadow: 0 4px 14px rgba(20, 30, 40, 0.16); }
  li { padding: 5px 10px; cursor: pointer; display: flex; justify-content: space-between; gap: 8px; }
  li span { color: #5a6672; white-space: nowrap; }
  li[aria-selected="true"], li:hover { background: #eef3f6; }
  li.none { cursor: default; color: #5a6672; background: none; }
  button { all: unset; box-sizing: border-box; height: 32px; padding: 0 10px; cursor: pointer;
    border: 1px solid #cdd3d9; border-radius: 4px; line-height: 30px; white-space: nowrap; }
  button:hover { background: #f3f5f7; }
  [hidden] { display: none; }
  @media (max-width: 1180px) { .search { width: 140px; } }
`;
const PAUSE_MS = 120;
const SAID_MS = 1600;
const LOST_MS = 1500;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Copies where the page is served without encryption, too. */
async function copied(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

class TopBar {
  constructor(root) {
    this.box = element("div", "search");
    this.input = element("input");
    this.input.type = "search";
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", "hits");
    this.list = element("ul");
    this.list.id = "hits";
    this.list.setAttribute("role", "listbox");
    this.list.hidden = true;
    this.box.append(this.input, this.list);
    this.copy = element("button", "copy");
    this.copy.type = "button";
    const bar = element("div", "bar");
    bar.append(this.box, this.copy);
    root.replaceChildren(element("style", "", STYLE), bar);
    this.marked = 0;
    this.hits = [];
    this.listen();
  }

  listen() {
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(this.input.value.trim()), PAUSE_MS);
    });
    this.input.addEventListener("keydown", (event) => this.steer(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.copy.addEventListener("click", async () => {
      await copied(location.href);
      this.copy.textContent = this.words.copied;
      setTimeout(() => { this.copy.textContent = this.words.copy; }, SAID_MS);
    });
  }

  show(data, report) {
    this.report = report;
    this.words = data.words;
    this.input.placeholder = data.words.placeholder;
    this.input.setAttribute("aria-label", data.words.search);
    this.copy.textContent = data.words.copy;
    this.copy.title = data.words.copy_help;
    this.hits = data.hits;
    this.asked = data.asked;
    if (data.asked && data.asked === this.input.value.trim()) this.open();
  }

  ask(typed) {
    if (!typed) this.close();
    else if (typed === this.asked) this.open();
    else this.report("typed", typed);
  }

  open() {
    this.marked = 0;
    this.list.replaceChildren();
    this.hits.forEach(([adcode, name, parent], index) => {
      const row = element("li", "", name);
      row.setAttribute("role", "option");
      row.append(element("span", "", parent));
      row.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.take(index);
      });
      row.dataset.adcode = adcode;
      this.list.append(row);
    });
    if (!this.hits.length) this.list.append(element("li", "none", this.words.none));
    this.mark(0);
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }

  mark(index) {
    this.marked = Math.max(0, Math.min(index, this.hits.length - 1));
    [...this.list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === this.marked)));
  }

  take(index) {
    const hit = this.hits[index];
    if (!hit) return;
    this.input.value = "";
    this.asked = "";
    this.close();
    this.report("pick", hit[0]);
  }

  steer(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.ask(this.input.value.trim());
      else this.mark(this.marked + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !this.list.hidden) {
      this.take(this.marked);
    } else if (event.key === "Escape") {
      this.close();
    }
  }
}

// Streamlit names the state of its connection on its outermost element; its own words for it are
// English and speak of a terminal, so they are switched off (network_map.app.server).
class ConnectionNotice {
  constructor() {
    this.note = element("div", "nm-connection");
    this.note.setAttribute("role", "alert");
    this.note.hidden = true;
    this.note.style.cssText = "position:fixed;z-index:999999;top:8px;left:50%;max-width:90vw;"
      + "transform:translateX(-50%);padding:10px 16px;border-radius:4px;background:#8a2a0f;"
      + "color:#fff;font-size:14px;box-shadow:0 4px 14px rgba(20,30,40,.3)";
    const theirs = element("style", "", "[data-testid='stConnectionStatus'] { display: none; }");
    document.body.append(theirs, this.note);
    const app = document.querySelector("[data-testid='stApp']");
    if (!app) return;
    this.app = app;
    new MutationObserver(() => this.look()).observe(app, {
      attributes: true, attributeFilter: ["data-test-connection-state"],
    });
  }

  say(words) {
    this.words = words;
    this.look();
  }

  look() {
    clearTimeout(this.timer);
    const isThere = !this.app || this.app.dataset.testConnectionState === "CONNECTED";
    if (isThere) this.note.style.display = "none";
    // A connection that comes back at once is nobody's affair.
    else this.timer = setTimeout(() => {
      this.note.textContent = this.words.lost;
      this.note.hidden = false;
      this.note.style.display = "";
    }, LOST_MS);
  }
}

let notice = null;
const shown = new WeakMap();

export default function topBar({ parentElement, data, setTriggerValue }) {
  // The page may have lent the place to another component meanwhile, which cleared it.
  if (!parentElement.contains(shown.get(parentElement)?.input ?? null)) {
    shown.set(parentElement, new TopBar(parentElement));
  }
  shown.get(parentElement).show(data, setTriggerValue);
  notice ??= new ConnectionNotice();
  notice.say(data.words);
}
