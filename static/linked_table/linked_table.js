// A table of declared rows: one row can be chosen, here or from outside. The rows are fetched once
// by the hash in their address and kept; a rerun sends the id of the chosen row only.

const STYLE = `
  :host { display: block; }
  .frame { overflow: auto; border: 1px solid #d5dbe1; border-radius: 4px; contain: content; }
  table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: 0.86rem;
    color: #1c2733; }
  th { position: sticky; top: 0; background: #f3f5f7; text-align: left; font-weight: 500;
    border-bottom: 1px solid #d5dbe1; padding: 0; white-space: nowrap; z-index: 1; }
  th button { all: unset; cursor: pointer; padding: 0.35rem 0.6rem; display: block;
    color: #3d464e; }
  th button:focus-visible, tr:focus-visible { outline: 2px solid #1f5f8b; outline-offset: -2px; }
  td { padding: 0.28rem 0.6rem; border-bottom: 1px solid #e8ebee; white-space: nowrap; }
  .number { text-align: right; font-variant-numeric: tabular-nums; }
  th.number button { text-align: right; }
  tbody tr { cursor: pointer; }
  tbody tr:hover { background: #f0f5f9; }
  tbody tr[aria-selected="true"] { background: #d7e8f2; box-shadow: inset 3px 0 0 #c8321e; }
  .long { width: 34em; height: 1.45em; overflow: hidden; text-overflow: ellipsis;
    content-visibility: auto; contain-intrinsic-size: 34em 1.45em; }
  .frame.dense { border-width: 0 1px 0 0; border-radius: 0; }
  .dense table { font-size: 13px; }
  .dense th { background: #fff; }
  .dense th button { padding: 6px; color: #5a6672; font-size: 12px; white-space: normal; }
  .dense th.drawn button { white-space: nowrap; }
  .dense th.drawn:nth-child(2) button { min-width: 104px; }
  .dense td:not(.number):not(.placed) { max-width: 132px; overflow: hidden; text-overflow: ellipsis; }
  .dense td { padding: 0 6px; height: 31px; }
  .dense td:first-child, .dense th:first-child button { padding-left: 10px; }
  .dense tbody tr[aria-selected="true"] { background: #faf1e4; box-shadow: inset 3px 0 0 #111418; }
  .dense tr.step td { border-top: 2px solid #8d959d; }
  .order { color: #7a858f; }
  .dense td.placed { width: 100%; max-width: 0; }
  .place { display: flex; align-items: center; gap: 6px; overflow: hidden; }
  .place i { flex: none; width: 12px; height: 12px; border: 1px solid rgba(0, 0, 0, 0.25);
    border-radius: 2px; box-sizing: border-box; }
  .place i.none { background: repeating-linear-gradient(135deg, #d9d9d9 0 3px, #a9afb5 3px 4px); }
  .place b { flex: 0 0 auto; max-width: 100%; font-weight: 600; overflow: hidden;
    text-overflow: ellipsis; }
  .place span { flex: 0 99 auto; min-width: 0; color: #5a6672; font-size: 12px; overflow: hidden;
    text-overflow: ellipsis; }
  @media (max-width: 1100px) { .place span { display: none; } }
  .over { color: #9c2b13; font-size: 12px; margin-left: 3px; }
  .spare { color: #7a858f; }
  .interval { position: relative; display: block; width: 84px; height: 12px; }
  .interval::before { content: ""; position: absolute; inset: 5.5px 0 auto; height: 1px;
    background: #dfe2e5; }
  .interval i { position: absolute; top: 5px; height: 2px; background: #56606a; }
  .interval b { position: absolute; top: 2px; width: 8px; height: 8px; margin-left: -4px;
    border-radius: 50%; background: #1c2733; }
  p { margin: 0.5rem; color: #6b2710; }
`;
const LONG_CHARACTERS = 48;
// No row is lower. What the frame shows at once is drawn first, the others when it has been seen and
// the browser has nothing better to do: to lay out all of them takes longer than all else that an
// answer changes.
const LEAST_ROW_PX = 24;
const LATER_MS = 100;
const KEPT_FILES = 24;

const kept = new Map();

function fetched(url) {
  if (!kept.has(url)) {
    const answer = fetch(url).then((response) => {
      if (!response.ok) throw new Error(`${response.status} ${url}`);
      return response.json();
    });
    answer.catch(() => kept.delete(url));
    kept.set(url, answer);
    if (kept.size > KEPT_FILES) kept.delete(kept.keys().next().value);
  }
  return kept.get(url);
}

function whenIdle() {
  return new Promise((resolve) => {
    if (window.requestIdleCallback) window.requestIdleCallback(resolve, { timeout: 500 });
    else setTimeout(resolve);
  });
}

/** Let what has just been drawn come to be seen, and what else the page draws with it. */
function later() {
  return new Promise((resolve) => { setTimeout(resolve, LATER_MS); });
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const formats = new Map();

/** How numbers of so many decimals are written; to make one takes longer than to use it. */
function formatOf(digits) {
  if (!formats.has(digits)) {
    const count = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    formats.set(digits, new Intl.NumberFormat("zh-CN", count));
  }
  return formats.get(digits);
}

function written(value, column, content) {
  if (value === null) return content.missing;
  if (!column.numeric) return String(value);
  return formatOf(column.digits).format(value);
}

/** The content of a cell; a long text ends in dots, whole in its tip, and is set when in sight. */
function filled(cell, text) {
  if (text.length <= LONG_CHARACTERS) {
    cell.textContent = text;
    return;
  }
  const box = element("div", "long", text);
  box.title = text;
  cell.append(box);
}

/** What a cell of more than one value shows: a place with its colour, a distance and by how much it
    is beyond the standard, a rank within its interval. */
const drawings = {
  place(cell, [name, note, colour]) {
    const box = element("div", "place");
    if (colour !== undefined) {
      const mark = element("i", colour ? "" : "none");
      if (colour) mark.style.backgroundColor = colour;
      box.append(mark);
    }
    box.append(element("b", "", name));
    if (note) box.append(element("span", "", note));
    box.title = note ? `${name} ${note}` : name;
    cell.append(box);
  },
  excess(cell, [value, text, excess, isGap], column, content) {
    if (value === null) {
      cell.append(element("span", "spare", content.missing));
    } else if (isGap) {
      cell.append(text, element("span", "over", excess));
    } else {
      // Within the standard, or not known to be beyond it.
      cell.append(element("span", "spare", excess ? `${text} ${excess}?` : text));
    }
  },
  interval(cell, [low, at, high], { most }) {
    if (at === null) return;
    const box = element("span", "interval");
    const place = (value) => `${(100 * (value - 1)) / (most - 1)}%`;
    const bar = element("i");
    Object.assign(bar.style, { left: place(low), width: `${(100 * (high - low)) / (most - 1)}%` });
    const dot = element("b");
    dot.style.left = place(at);
    box.title = `${at} (${low}–${high})`;
    box.append(bar, dot);
    cell.append(box);
  },
};

function ordered(rows, sort) {
  if (sort.column === null) return rows;
  const way = sort.isDescending ? -1 : 1;
  const worth = (row) => {
    const cell = row.cells[sort.column];
    return Array.isArray(cell) ? cell[cell.length === 3 && typeof cell[1] === "number" ? 1 : 0] : cell;
  };
  return [...rows].sort((a, b) => {
    const [left, right] = [worth(a), worth(b)];
    // What is not known stays at the end, whichever way the column is sorted.
    if (left === null || right === null) return (left === null) - (right === null);
    if (typeof left === "number") return way * (left - right);
    return way * String(left).localeCompare(String(right), "zh-CN");
  });
}

class LinkedTable {
  constructor(root) {
    this.frame = element("div", "frame");
    root.replaceChildren(element("style", "", STYLE), this.frame);
    this.sort = { column: null, isDescending: false };
    this.url = null;
  }

  async show({ url, selected, height, failure }, choose) {
    this.choose = choose;
    // A length in CSS fills its pane, with few rows too.
    this.frame.classList.toggle("dense", typeof height === "string");
    if (typeof height === "string") this.frame.style.height = height;
    else this.frame.style.maxHeight = `${height}px`;
    this.height = typeof height === "string" ? window.innerHeight : height;
    this.wanted = url;
    if (url !== this.url) {
      try {
        const content = await fetched(url);
        if (!this.url) await whenIdle(); // the map is drawn before the first rows
        if (this.wanted !== url) return;
        this.url = url;
        this.content = content;
        this.sort = { column: null, isDescending: false };
        this.draw();
      } catch {
        this.frame.replaceChildren(element("p", "", failure));
        return;
      }
    }
    this.mark(selected, true);
  }

  draw() {
    const { columns, rows, label } = this.content;
    const table = element("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", label);
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    const head = table.createTHead().insertRow();
    head.setAttribute("role", "row");
    columns.forEach((column, index) => head.append(this.heading(column, index)));
    this.body = table.createTBody();
    this.rows = new Map();
    this.waiting = [...ordered(rows, this.sort)];
    this.lastMark = undefined;
    this.body.addEventListener("click", (event) => this.pick(event.target.closest("tr")));
    this.body.addEventListener("keydown", (event) => this.steer(event));
    this.drawRows(Math.ceil(this.height / LEAST_ROW_PX));
    const first = this.body.rows[0];
    if (first) first.tabIndex = 0;
    this.frame.replaceChildren(table);
    if (this.waiting.length > 0) {
      const { body } = this;
      later().then(whenIdle).then(() => {
        if (this.body === body) this.drawRows();
      });
    }
  }

  /** Draw so many of the rows that wait; without a number, all of them. */
  drawRows(count = this.waiting.length) {
    const { columns } = this.content;
    for (const row of this.waiting.splice(0, count)) {
      const line = this.body.insertRow();
      line.dataset.id = row.id;
      line.tabIndex = -1;
      line.setAttribute("role", "row");
      line.setAttribute("aria-rowindex", String(this.body.rows.length + 1));
      line.setAttribute("aria-selected", String(row.id === this.selected));
      columns.forEach((column, index) => {
        const cell = line.insertCell();
        cell.className = column.numeric ? "number" : column.kind === "place" ? "placed" : "";
        cell.setAttribute("role", "gridcell");
        const draw = drawings[column.kind];
        if (draw) draw(cell, row.cells[index], column, this.content);
        else filled(cell, written(row.cells[index], column, this.content));
      });
      // A line between the classes of a list that is ordered by them.
      const mark = row.cells.find((cell) => Array.isArray(cell) && cell.length === 3);
      if (this.lastMark !== undefined && mark && mark[2] !== this.lastMark && this.sort.column === null) {
        line.classList.add("step");
      }
      this.lastMark = mark ? mark[2] : undefined;
      this.rows.set(row.id, line);
    }
    const isWhole = this.waiting.length === 0;
    this.frame.dataset.rows = isWhole ? String(this.rows.size) : "";
  }

  heading(column, index) {
    const cell = element("th", [column.numeric && "number", column.kind && "drawn"].filter(Boolean).join(" "));
    cell.scope = "col";
    cell.setAttribute("role", "columnheader");
    const isSorted = this.sort.column === index;
    cell.setAttribute("aria-sort",
      isSorted ? (this.sort.isDescending ? "descending" : "ascending") : "none");
    const arrow = isSorted ? (this.sort.isDescending ? " ↓" : " ↑") : "";
    const button = element("button", "", column.heading + arrow);
    button.type = "button";
    if (column.about) button.title = column.about;
    button.addEventListener("click", () => {
      this.sort = { column: index, isDescending: isSorted && !this.sort.isDescending };
      this.draw();
      this.mark(this.selected, false);
    });
    cell.append(button);
    return cell;
  }

  mark(selected, isShown) {
    const before = this.selected;
    this.selected = selected;
    // A row that is not there yet is to be seen.
    if (selected && !this.rows.has(selected)) this.drawRows();
    // To write all of them makes the browser style all of them.
    for (const id of [before, selected]) {
      this.rows.get(id)?.setAttribute("aria-selected", String(id === selected));
    }
    this.frame.dataset.selected = selected || "";
    const line = this.rows.get(selected);
    if (!line || !isShown) return;
    const head = this.frame.querySelector("thead").offsetHeight;
    const [top, bottom] = [line.offsetTop - head, line.offsetTop + line.offsetHeight];
    const { scrollTop, clientHeight } = this.frame;
    if (top < scrollTop || bottom > scrollTop + clientHeight) {
      this.frame.scrollTop = Math.max(0, top - (clientHeight - head) / 2);
    }
  }

  pick(line) {
    if (!line) return;
    const id = line.dataset.id;
    const chosen = id === this.selected ? "" : id;
    this.mark(chosen || null, false);
    this.choose(chosen);
  }

  steer(event) {
    const line = event.target.closest("tr");
    if (event.key === "ArrowDown" && !line.nextElementSibling) this.drawRows();
    const next = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling };
    if (event.key in next) {
      event.preventDefault();
      if (!next[event.key]) return;
      line.tabIndex = -1;
      next[event.key].tabIndex = 0;
      next[event.key].focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.pick(line);
    }
  }
}

const shown = new WeakMap();

export default function linkedTable({ parentElement, data, setTriggerValue }) {
  // The page may have lent the place to another component meanwhile, which cleared it.
  if (!parentElement.contains(shown.get(parentElement)?.frame ?? null)) {
    shown.set(parentElement, new LinkedTable(parentElement));
  }
  shown.get(parentElement).show(data, (id) => setTriggerValue("row", id));
}
