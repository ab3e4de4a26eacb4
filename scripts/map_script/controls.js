// What stands around the map: zoom buttons, scale, legend, unplaced nodes, source line.
// Every text goes in as text: a name from an imported list is never read as HTML.

/** How the lines of the hierarchy are drawn, by kind: own, orphan, upper. */
const LINE_STYLES = [
  { color: "#56606a", weight: 1.2, dashArray: null },
  { color: "#a60000", weight: 1.4, dashArray: "5 4" },
  { color: "#1f4e79", weight: 1.8, dashArray: null },
];

function element(name, className = "", text = null) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  return made;
}

function filled(template, values) {
  return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), template);
}

function corner(position, box) {
  const Holder = L.Control.extend({ onAdd: () => box });
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  return new Holder({ position });
}

/** At least how many points lie in a box: sums over a raster, four of which answer for any box. */
class PointRaster {
  constructor(points, { x, y }) {
    this.columns = Math.ceil(x / CELL_PX) + 1;
    this.rows = Math.ceil(y / CELL_PX) + 1;
    const sums = new Int32Array(this.columns * this.rows);
    for (const point of points) {
      const column = Math.floor(point.x / CELL_PX) + 1;
      const row = Math.floor(point.y / CELL_PX) + 1;
      const isInside = column > 0 && column < this.columns && row > 0 && row < this.rows;
      if (isInside) sums[row * this.columns + column] += 1;
    }
    for (let at = this.columns; at < sums.length; at += 1) {
      const isFirst = at % this.columns === 0;
      if (!isFirst) sums[at] += sums[at - 1] + sums[at - this.columns] - sums[at - this.columns - 1];
    }
    this.sums = sums;
  }

  /** Only cells that are in the box as a whole count. */
  atLeast(left, top, right, bottom) {
    const at = (length, most) => Math.max(0, Math.min(length, most - 1));
    const [first, last] = [Math.ceil(left / CELL_PX), Math.floor(right / CELL_PX)]
      .map((column) => at(column, this.columns));
    const [above, below] = [Math.ceil(top / CELL_PX), Math.floor(bottom / CELL_PX)]
      .map((row) => at(row, this.rows) * this.columns);
    const { sums } = this;
    return sums[below + last] - sums[above + last] - sums[below + first] + sums[above + first];
  }
}

/** A button that folds a panel; the fold survives every update. */
class Fold {
  constructor(box, isOpen) {
    this.button = element("button", "nm-fold");
    this.button.type = "button";
    this.panel = element("div", "nm-panel");
    this.isOpen = isOpen;
    this.titles = ["", ""];
    this.button.addEventListener("click", () => {
      this.isOpen = !this.isOpen;
      this.show();
    });
    box.append(this.button, this.panel);
  }

  title(text, whenOpen, whenClosed) {
    this.titles = [whenOpen, whenClosed];
    this.button.textContent = text;
    this.show();
  }

  show() {
    this.panel.hidden = !this.isOpen;
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    this.button.title = this.titles[this.isOpen ? 0 : 1];
  }
}

const EDGE_PX = 10;
const STEP_PX = 22;
const NARROW_PX = 480;
const CELL_PX = 4;
const MARGIN_PX = 3;

/** Whether white is easier to read on a colour than black. */
function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140;
}

/** A title with its unit; a Latin word before the bracket is set off from it. */
function titled(title, unit) {
  if (!unit) return title;
  return `${title}${/\w$/.test(title) ? " " : ""}(${unit})`;
}

class Legend {
  constructor(map, onFilter) {
    this.map = map;
    this.onFilter = onFilter;
    this.box = element("div", "nm-box nm-legend");
    this.fold = new Fold(this.box, true);
    this.panel = this.fold.panel;
    this.text = "";
    L.DomEvent.disableClickPropagation(this.box);
    map.getContainer().append(this.box);
  }

  get width() {
    return this.fold.isOpen ? this.box.offsetWidth : 0;
  }

  /** Places for it as left and top: along the edges first, then further in. */
  spots() {
    const { x, y } = this.map.getSize();
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const steps = (most) => {
      const found = [];
      for (let at = EDGE_PX; at < most; at += STEP_PX) found.push(at);
      return [...found, Math.max(EDGE_PX, most)];
    };
    const [right, bottom] = [x - width - EDGE_PX, y - height - EDGE_PX];
    const inset = ([left, top]) => Math.min(left, right - left) + Math.min(top, bottom - top);
    const isButton = ([left, top]) => left + width > x - 46 && top + height > y - 116;
    const isSource = ([left, top]) => left < 190 && top > bottom - 44;
    const unplaced = this.map.getContainer().querySelector(".nm-unplaced:not([hidden])");
    const [beside, below] = unplaced
      ? [unplaced.offsetLeft + unplaced.offsetWidth, unplaced.offsetTop + unplaced.offsetHeight]
      : [0, 0];
    const isUnplaced = ([left, top]) => left < beside && top < below;
    return steps(right).flatMap((left) => steps(bottom).map((top) => [left, top]))
      .filter((spot) => !isButton(spot) && !isSource(spot) && !isUnplaced(spot))
      .sort((a, b) => inset(a) - inset(b));
  }

  /** Goes where it covers least of the filtered area; returns how much of a border it covers. */
  place(view, [right, down] = [0, 0]) {
    if (this.box.hidden) return 0;
    if (!this.isPlaced && this.map.getSize().x < NARROW_PX) {
      this.fold.isOpen = false;
      this.fold.show();
    }
    this.isPlaced = true;
    const points = view.areas.borderPoints(view.state.prefecture)
      .map(({ x, y }) => ({ x: x + right, y: y + down }));
    const hidden = this.underCorners(points);
    const [width, height] = [this.box.offsetWidth, this.box.offsetHeight];
    const raster = new PointRaster(points, this.map.getSize());
    let best = [Infinity, [EDGE_PX, EDGE_PX]];
    for (const spot of this.spots()) {
      const [left, top] = spot;
      // To count them all takes long: most places are out before.
      if (raster.atLeast(left, top, left + width, top + height) >= best[0]) continue;
      let cost = this.covered(spot, points);
      // No border in it: it lies beside the area, or within one large county.
      const middle = [left + width / 2 - right, top + height / 2 - down];
      if (cost === 0 && view.areas.isAreaAt(middle, view.state.prefecture)) cost = points.length + 1;
      if (cost < best[0]) best = [cost, spot];
      if (cost === 0) break;
    }
    this.moveTo(best[1]);
    return best[0] + hidden;
  }

  /** How much of a border lies under buttons, source and scale. */
  underCorners(points) {
    const frame = this.map.getContainer().getBoundingClientRect();
    const boxes = [...this.map.getContainer().querySelectorAll(".leaflet-control")]
      .map((box) => box.getBoundingClientRect())
      .map((box) => [box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top]);
    return points.filter(({ x, y }) => boxes.some(
      ([left, top, right, bottom]) => x > left && x < right && y > top && y < bottom,
    )).length;
  }

  moveTo([left, top]) {
    Object.assign(this.box.style, { left: `${left}px`, top: `${top}px` });
  }

  /** How many points it would cover or touch: a border runs on between two of them. */
  covered([left, top], points) {
    const [right, bottom] = [left + this.box.offsetWidth, top + this.box.offsetHeight];
    [left, top] = [left - MARGIN_PX, top - MARGIN_PX];
    return points.filter(({ x, y }) => (
      x > left && x < right + MARGIN_PX && y > top && y < bottom + MARGIN_PX
    )).length;
  }

  /** Leaves its place for one that does not cover the selected county. */
  keepClear(view) {
    if (this.box.hidden || !view.selected || !view.areas) return;
    const points = view.areas.borderPoints(null, view.selected);
    const now = [this.box.offsetLeft, this.box.offsetTop];
    if (!this.covered(now, points)) return;
    const free = this.spots().find((spot) => !this.covered(spot, points));
    if (free) this.moveTo(free);
  }

  draw({ state, words, radii, hasTiles, undeclared, nodes }) {
    const hasStates = nodes.nodes.some((node) => ["planned", "withdrawn"].includes(node.status));
    const text = JSON.stringify(
      [state.symbols, state.areas, state.hierarchy, state.flows, state.circles, words, radii, hasTiles, undeclared, hasStates],
    );
    if (text === this.text) return;
    this.text = text;
    // A kind without a legend row is drawn all the same, so it is named here.
    const further = Object.entries(undeclared).map(([kind, count]) => [
      kind, kind, UNDECLARED.symbol, UNDECLARED.colour, count, 0, 1,
    ]);
    const symbols = [...state.symbols, ...further].filter((row) => row[6]);
    // Beside a map in a file nothing stands that could name the symbols.
    const isNamedBeside = Boolean(state.bare) && !(state.nodes && state.nodes.inline);
    this.box.hidden = (!symbols.length || isNamedBeside) && !state.areas && !state.hierarchy && !state.flows && !state.circles;
    const title = state.bare && state.areas ? state.areas.title : words.legend;
    this.fold.title(title, words.legend_hide, words.legend_show);
    this.panel.replaceChildren();
    if (state.areas) this.addAreas(state.areas, words, hasTiles, Boolean(state.bare));
    if (symbols.length && !isNamedBeside) this.addNodes(symbols, words, radii);
    else if (symbols.some((row) => row[5] > 0)) this.panel.append(element("p", "nm-note", words.hollow_means_assumed));
    if (hasStates && !isNamedBeside) this.panel.append(element("p", "nm-note", words.states));
    if (state.circles) this.addCircles(state.circles);
    if (state.hierarchy) this.addHierarchy(state.hierarchy);
    if (state.flows) this.addFlows(state.flows);
  }

  addHierarchy({ title, samples, note }) {
    const list = element("ul", "nm-list");
    for (const [kind, label, count] of samples) {
      const row = element("li", "nm-row");
      row.dataset.line = kind;
      row.dataset.count = count;
      const { color, weight, dashArray } = LINE_STYLES[kind];
      const sample = element("span", "nm-line-sample");
      sample.style.borderTop = `${Math.ceil(weight)}px ${dashArray ? "dashed" : "solid"} ${color}`;
      row.append(
        sample, element("span", "nm-name", label), element("span", "nm-count", String(count)),
      );
      list.append(row);
    }
    this.panel.append(element("p", "nm-title", title), list);
    if (note) this.panel.append(element("p", "nm-note", note));
  }

  addFlows({ title, unit, samples, circle, note }) {
    const list = element("ul", "nm-list");
    for (const [width, label] of samples) {
      const row = element("li", "nm-row");
      const line = element("span", "nm-flow-sample");
      line.style.height = `${width}px`;
      row.append(line, element("span", "nm-name", label));
      list.append(row);
    }
    if (circle) {
      const row = element("li", "nm-row");
      row.append(element("span", "nm-flow-round"), element("span", "nm-name", circle));
      list.append(row);
    }
    this.panel.append(element("p", "nm-title", titled(title, unit)), list);
    if (note) this.panel.append(element("p", "nm-note", note));
  }

  /** Two questions at once: a square for each pair of answers, its corners named. */
  grid({ classes, missing, grid }, words) {
    const box = element("div", "nm-grid");
    const size = grid.columns;
    box.append(element("span", "nm-grid-up", grid.up));
    const squares = element("div", "nm-squares");
    squares.style.gridTemplateColumns = `repeat(${size}, 34px)`;
    grid.order.forEach((index) => {
      const [label, colour, count] = classes[index];
      const square = element("span", "nm-square", String(count));
      square.style.backgroundColor = colour;
      square.style.color = isDark(colour) ? "#ffffff" : "#1c2733";
      square.title = label;
      square.dataset.class = index;
      square.dataset.count = count;
      squares.append(square);
    });
    const ticks = element("div", "nm-squares nm-ticks");
    ticks.style.gridTemplateColumns = `repeat(${size}, 34px)`;
    grid.ticks.forEach((tick) => ticks.append(element("span", "", tick)));
    box.append(squares, element("span"), ticks, element("span", "nm-grid-side", grid.side));
    const note = element("p", "nm-note", grid.corners);
    const unknown = element("div", "nm-row");
    unknown.dataset.class = "missing";
    unknown.dataset.count = missing[1];
    unknown.append(
      element("span", "nm-swatch nm-swatch-missing"),
      element("span", "nm-name", missing[0] || words.no_data), element("span", "nm-count", String(missing[1])),
    );
    const all = element("div");
    all.append(box, note);
    if (missing[1]) all.append(unknown);
    return all;
  }

  /** A class that can be clicked: the page then lists its counties only. */
  filterButton(code, filters, parts, words) {
    const button = element("button", "nm-filter");
    button.type = "button";
    button.title = words.filter;
    button.setAttribute("aria-pressed", String((filters || []).includes(code)));
    button.append(...parts);
    button.addEventListener("click", () => this.onFilter(code));
    return button;
  }

  /** Amounts as circles: the area is the amount. */
  addCircles({ title, unit, samples, note }) {
    const list = element("ul", "nm-list");
    for (const [radius, label] of samples) {
      const row = element("li", "nm-row");
      const round = element("span", "nm-circle-sample");
      Object.assign(round.style, { width: `${2 * radius}px`, height: `${2 * radius}px` });
      row.append(round, element("span", "nm-name", label));
      list.append(row);
    }
    this.panel.append(element("p", "nm-title", titled(title, unit)), list);
    if (note) this.panel.append(element("p", "nm-note", note));
  }

  addNodes(symbols, words, radii) {
    const list = element("ul", "nm-list");
    let hasAssumed = false;
    for (const [kind, label, symbol, colour, count, assumed] of symbols) {
      const row = element("li", "nm-row");
      row.dataset.kind = kind;
      row.dataset.count = count;
      const isHollow = assumed > 0 && assumed === count;
      row.append(
        symbolPicture(symbol, colour, radii[kind] || 5, symbolStyle(colour, { isAssumed: isHollow })),
        element("span", "nm-name", label),
        element("span", "nm-count", String(count)),
      );
      if (assumed > 0) row.append(element("span", "nm-assumed", filled(words.assumed_count, { count: assumed })));
      hasAssumed = hasAssumed || assumed > 0;
      list.append(row);
    }
    this.panel.append(list);
    if (hasAssumed) this.panel.append(element("p", "nm-note", words.hollow_means_assumed));
  }

  addAreas(areas, words, hasTiles, isBare) {
    const title = titled(areas.title, areas.unit);
    const list = element("ul", "nm-list");
    const swatch = (colour) => {
      const box = element("span", "nm-swatch");
      if (colour) box.style.backgroundColor = colour;
      else box.classList.add("nm-swatch-missing");
      if (hasTiles) box.style.opacity = 0.7;
      return box;
    };
    const addRow = (colour, label, count, key, code, instead = "") => {
      const row = element("li", "nm-row");
      row.dataset.class = key;
      row.dataset.count = count;
      const parts = [swatch(colour), element("span", "nm-name", label), element("span", "nm-count", instead || String(count))];
      if (code) row.append(this.filterButton(code, areas.filters, parts, words));
      else row.append(...parts);
      list.append(row);
    };
    const codes = areas.codes || [];
    areas.classes.forEach(([label, colour, count, instead], index) => addRow(colour, label, count, index, codes[index], instead));
    if (areas.missing[1] || !isBare) addRow(null, areas.missing[0] || words.no_data, areas.missing[1], "missing", codes[areas.classes.length]);
    if (!isBare) this.panel.append(element("p", "nm-title", title));
    this.panel.append(areas.grid ? this.grid(areas, words) : list);
    if (areas.source) this.panel.append(element("p", "nm-note", isBare ? areas.source : filled(words.source, { source: areas.source })));
  }
}

class Unplaced {
  constructor(map) {
    this.box = element("div", "nm-box nm-unplaced");
    this.fold = new Fold(this.box, false);
    corner("topleft", this.box).addTo(map);
  }

  draw({ state, words }) {
    const { unplaced } = state;
    this.box.hidden = !unplaced.length;
    this.fold.title(
      filled(words.unplaced, { count: unplaced.length }), words.unplaced_title, words.unplaced_title,
    );
    const list = element("ul", "nm-list");
    for (const [kind, name, reason] of unplaced) {
      const row = element("li", "nm-row nm-plain");
      row.dataset.kind = kind;
      row.append(element("strong", "", name), element("span", "", reason));
      list.append(row);
    }
    this.fold.panel.replaceChildren(element("p", "nm-note", words.unplaced_title), list);
  }
}

class SourceLine {
  constructor(map) {
    this.box = element("div", "nm-source");
    this.text = element("span", "nm-source-text");
    this.button = element("button", "nm-source-more");
    this.button.type = "button";
    this.words = null;
    this.button.addEventListener("click", () => {
      this.box.classList.toggle("nm-open");
      this.show();
    });
    this.box.append(this.text, this.button);
    corner("bottomleft", this.box).addTo(map);
  }

  draw({ state, words, tiles }) {
    this.words = words;
    const credits = tiles.shown().map((layer) => layer.attribution).filter(Boolean);
    const told = [state.source ?? words.source_line, ...new Set(credits)].filter(Boolean).join(" ");
    // To see whether it is cut makes the browser lay out all that has changed so far.
    if (this.told === told + words.source_more) return;
    this.told = told + words.source_more;
    this.text.textContent = told;
    this.show();
  }

  show() {
    const isOpen = this.box.classList.contains("nm-open");
    const isCut = isOpen || this.text.scrollHeight > this.text.clientHeight + 2;
    this.button.hidden = !isCut;
    this.button.textContent = isOpen ? "−" : "…";
    this.button.title = isOpen ? this.words.source_less : this.words.source_more;
    this.button.setAttribute("aria-label", this.button.title);
    this.button.setAttribute("aria-expanded", String(isOpen));
  }
}

/** Zoom buttons, and one that shows everything again. */
class Buttons {
  constructor(map, onFit) {
    this.zoom = L.control.zoom({ position: "bottomright" }).addTo(map);
    const bar = this.zoom.getContainer();
    this.fit = element("a", "nm-fit", "⤢");
    this.fit.href = "#";
    this.fit.setAttribute("role", "button");
    L.DomEvent.on(this.fit, "click", L.DomEvent.stop).on(this.fit, "click", onFit);
    bar.append(this.fit);
    this.scale = new MetricScale({ position: "bottomleft", imperial: false, maxWidth: 110 });
    this.scale.addTo(map);
  }

  rename(words) {
    const [nearer, farther] = this.zoom.getContainer().querySelectorAll("a");
    const titles = [[nearer, words.zoom_in], [farther, words.zoom_out], [this.fit, words.fit]];
    for (const [button, title] of titles) {
      button.title = title;
      button.setAttribute("aria-label", title);
    }
    this.scale.rename(words);
  }
}

let MetricScale = null;

function defineScale() {
  MetricScale = L.Control.Scale.extend({
    rename(words) {
      this.words = words;
      this._map.whenReady(this._update, this);
    },
    _updateMetric(maxMeters) {
      const metres = this._getRoundNum(maxMeters);
      const { metre = "m", kilometre = "km" } = this.words || {};
      const label = metres < 1000 ? `${metres} ${metre}` : `${metres / 1000} ${kilometre}`;
      this._updateScale(this._mScale, label, metres / maxMeters);
    },
  });
}
