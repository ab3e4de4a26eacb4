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

class Legend {
  constructor(map) {
    this.box = element("div", "nm-box nm-legend");
    const { x, y } = map.getSize();
    this.fold = new Fold(this.box, x >= 560 && y >= 320);
    this.panel = this.fold.panel;
    this.text = "";
    corner("bottomright", this.box).addTo(map);
  }

  get width() {
    return this.fold.isOpen ? this.box.offsetWidth : 0;
  }

  draw({ state, words, radii, hasTiles, undeclared, nodes }) {
    const hasStates = nodes.nodes.some((node) => ["planned", "withdrawn"].includes(node.status));
    const text = JSON.stringify(
      [state.symbols, state.areas, state.hierarchy, state.flows, words, radii, hasTiles, undeclared, hasStates],
    );
    if (text === this.text) return;
    this.text = text;
    // A kind without a legend row is drawn all the same, so it is named here.
    const further = Object.entries(undeclared).map(([kind, count]) => [
      kind, kind, UNDECLARED.symbol, UNDECLARED.colour, count, 0, 1,
    ]);
    const symbols = [...state.symbols, ...further];
    this.box.hidden = !symbols.length && !state.areas && !state.hierarchy && !state.flows;
    this.fold.title(words.legend, words.legend_hide, words.legend_show);
    this.panel.replaceChildren();
    if (symbols.length) this.addNodes(symbols, words, radii);
    if (hasStates) this.panel.append(element("p", "nm-note", words.states));
    if (state.areas) this.addAreas(state.areas, words, hasTiles);
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
    this.panel.append(element("p", "nm-title", `${title}(${unit})`), list);
    if (note) this.panel.append(element("p", "nm-note", note));
  }

  addNodes(symbols, words, radii) {
    const list = element("ul", "nm-list");
    let hasAssumed = false;
    for (const [kind, label, symbol, colour, count, assumed, isVisible] of symbols) {
      const row = element("li", isVisible ? "nm-row" : "nm-row nm-off");
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

  addAreas(areas, words, hasTiles) {
    const title = areas.unit ? `${areas.title}(${areas.unit})` : areas.title;
    const list = element("ul", "nm-list");
    const swatch = (colour) => {
      const box = element("span", "nm-swatch");
      if (colour) box.style.backgroundColor = colour;
      else box.classList.add("nm-swatch-missing");
      if (hasTiles) box.style.opacity = 0.7;
      return box;
    };
    const addRow = (colour, label, count, key) => {
      const row = element("li", "nm-row");
      row.dataset.class = key;
      row.dataset.count = count;
      row.append(swatch(colour), element("span", "nm-name", label), element("span", "nm-count", String(count)));
      list.append(row);
    };
    areas.classes.forEach(([label, colour, count], index) => addRow(colour, label, count, index));
    addRow(null, areas.missing[0] || words.no_data, areas.missing[1], "missing");
    this.panel.append(element("p", "nm-title", title), list);
    if (areas.source) this.panel.append(element("p", "nm-note", filled(words.source, { source: areas.source })));
  }
}

class Unplaced {
  constructor(map) {
    this.box = element("div", "nm-box nm-unplaced");
    this.fold = new Fold(this.box, false);
    corner("topright", this.box).addTo(map);
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
    this.text.textContent = [state.source ?? words.source_line, ...new Set(credits)].filter(Boolean).join(" ");
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
    this.zoom = L.control.zoom({ position: "topleft" }).addTo(map);
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
