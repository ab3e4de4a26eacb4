// The map itself: `start` once, `update` at every rerun of the page.

const PANES = [
  ["nm-counties", 410], ["nm-borders", 420], ["nm-lines", 430], ["nm-flows", 435],
  ["nm-selection", 440],
  ["nm-nodes", 450], ["nm-labels", 460],
];
const MAX_ZOOM = 14;
const KEPT_LAYERS = 20;
const HINT_MS = 1500;
const LEAST_SIZE_PX = 60;
// Layers that the page may give as an address, and what to say if one does not arrive.
const FETCHED = [["areas", "areas_missing"], ["hierarchy", "hierarchy_missing"]];
const START = { center: [25.2, 101.9], zoom: 6.5 };

class LiveMap {
  constructor(container, settings) {
    defineNodeMarker();
    if (!MetricScale) defineScale();
    this.container = container;
    this.container.classList.add("nm-map");
    this.map = L.map(this.container, {
      zoomControl: false, attributionControl: false, maxZoom: MAX_ZOOM,
      zoomSnap: settings.tiles.length ? 0.5 : 0.1, wheelPxPerZoomLevel: 90, tap: false, scrollWheelZoom: false,
    });
    this.map.networkMap = this;
    this.watchWheel();
    this.sizes = new ResizeObserver(() => this.map.invalidateSize({ animate: false, pan: false }));
    this.sizes.observe(container);
    for (const [name, order] of PANES) {
      const pane = this.map.createPane(name);
      pane.style.zIndex = order;
      const isPointed = ["nm-counties", "nm-nodes", "nm-flows"].includes(name);
      if (!isPointed) pane.style.pointerEvents = "none";
    }
    this.settings = settings;
    this.words = WORDS[knownLanguage(settings.language)];
    this.report = () => {};
    this.state = null;
    this.awaited = null;
    this.hasAskedForNodes = false;
    this.layers = new Map();
    this.above = new Map();
    this.selected = null;
    this.drawn = null;
    this.drawnCount = 0;
    this.sentEvent = null;
    this.revision = 0;
    this.visibleCounties = 0;
    this.failed = null;
    this.tooltip = L.tooltip({ direction: "top", offset: [0, -8], className: "nm-tooltip", opacity: 1 });
    this.message = new Message(this.container);
    this.message.say(this.words.loading);
    this.addControls();
    this.nodes = new NodeSet(this.map, (name, node, event) => this.pointNode(name, node, event));
    this.listen();
    this.load();
  }

  /** The wheel scrolls the page and zooms with Ctrl only; a hint says so. */
  watchWheel() {
    this.container.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        this.map.scrollWheelZoom.enable();
        return;
      }
      this.map.scrollWheelZoom.disable();
      this.message.hint(this.words.wheel);
    }, { capture: true, passive: false });
  }

  addControls() {
    this.buttons = new Buttons(this.map, () => this.fit());
    this.source = new SourceLine(this.map);
    this.unplaced = new Unplaced(this.map);
    this.tiles = addTiles(this.map, this.settings.tiles, () => this.isComplete && this.paint());
    this.legend = new Legend(this.map, (code) => this.report("legend", { code, event: newEvent() }));
    this.watermark = element("div", "nm-watermark");
    this.watermark.setAttribute("aria-hidden", "true");
    this.container.append(this.watermark);
  }

  listen() {
    const { map } = this;
    this.isFitting = false;
    this.isPainting = false;
    this.isRemoved = false;
    this.isMoved = false;
    map.on("movestart", () => { this.isMoved = this.isMoved || !this.isFitting; });
    map.on("zoomend", () => {
      if (!this.revision || this.isPainting) return;
      this.nodes.resize(map.getZoom());
      this.drawLabels();
    });
    map.on("moveend zoomend", () => this.mirror());
    map.on("resize", () => { if (this.boundaries && this.state && !this.isMoved) this.fit(); });
    map.on("mousemove", (event) => this.pointCanvas("mousemove", event));
    map.on("mouseout", () => this.tooltip.remove());
  }

  async load() {
    try {
      this.boundaries = await loadBoundaries(this.settings);
    } catch (error) {
      if (this.isRemoved) return;
      this.failed = "geometry_missing";
      this.message.say(this.words[this.failed], true);
      this.map.setView(START.center, START.zoom);
      this.mirror();
      console.warn(String(error));
      return;
    }
    if (this.isRemoved) return; // while they were on their way
    this.areas = new Areas(this.map, this.boundaries, (name, county, event) => {
      this.pointCounty(name, county, event);
    });
    this.lines = L.layerGroup([]).addTo(this.map);
    this.flows = new Flows(this.map, (...pointed) => this.pointFlow(...pointed));
    this.circles = new Flows(this.map, (...pointed) => this.pointFlow(...pointed), CIRCLE_COLOUR);
    this.message.clear();
    if (this.isComplete) this.paint();
  }

  /** Whether there is something to draw: a first view without its nodes would be drawn twice. */
  get isComplete() {
    return Boolean(!this.isRemoved && this.boundaries && this.state && this.hasAskedForNodes);
  }

  /** Takes a new state in; layers that are not here yet are fetched first. */
  async update(state) {
    this.awaited = state;
    const asked = FETCHED.filter(([name]) => state[name] && state[name].url);
    await Promise.all(asked.map(async ([name, missing]) => {
      state[name] = await this.layerAt(state[name].url, missing);
    }));
    // While a layer was on its way the page may have gone on.
    if (this.awaited === state && !this.isRemoved) this.apply(state);
  }

  async layerAt(url, missing) {
    if (!this.layers.has(url)) {
      const text = await fetchOnce(url).catch(() => null);
      this.message.note(text ? null : this.words[missing]);
      if (this.layers.size >= KEPT_LAYERS) this.layers.delete(this.layers.keys().next().value);
      if (text) this.layers.set(url, JSON.parse(text));
    }
    return this.layers.get(url) || null;
  }

  /** Draws a complete state; the geometry and the nodes may still be on their way. */
  apply(state) {
    const before = this.state;
    this.state = state;
    this.words = { ...WORDS[state.language], ...state.words };
    // A click that the page has not seen yet outruns an older answer.
    if (!this.sentEvent || state.seen === this.sentEvent) this.selected = state.selected;
    if (!before || before.language !== state.language) this.rename();
    if (this.failed) this.message.say(this.words[this.failed], true);
    if (this.isComplete) this.paint();
    this.loadNodes(state);
  }

  async loadNodes(state) {
    const isFirst = !this.hasAskedForNodes;
    if (this.nodes.has(state.nodes) && !isFirst) return;
    const isLoaded = await this.nodes.load(state.nodes);
    this.hasAskedForNodes = true;
    this.message.note(isLoaded ? null : this.words.nodes_missing);
    if (this.isComplete && (isLoaded || isFirst)) this.paint();
  }

  rename() {
    document.documentElement.lang = this.state.language === "zh" ? "zh-CN" : "en";
    this.container.setAttribute("role", "application");
    this.container.setAttribute("aria-label", this.words.label);
    this.buttons.rename(this.words);
    this.tiles.rename(this.words);
  }

  /** Draws the state: styles, nodes, legend, labels; moves the view only when asked to. */
  paint() {
    this.isPainting = true;
    this.hasTiles = this.tiles.shown().length > 0;
    // Most reruns only select another county: what stands is then left standing.
    const { lines, selected, compared, seen, ...standing } = this.state;
    const drawn = JSON.stringify([standing, this.nodes.hash, this.hasTiles]);
    const drawnLines = JSON.stringify(lines);
    const isNew = drawn !== this.drawn;
    if (isNew) this.drawBeside();
    // The view leaves room for the legend, and what is drawn after it is drawn once.
    this.frame();
    if (isNew) this.drawOn();
    this.drawnCount += isNew;
    if (isNew || drawnLines !== this.drawnLines) this.drawLines();
    [this.drawn, this.drawnLines] = [drawn, drawnLines];
    this.areas.select(this.selected);
    this.areas.compare(this.state.compared);
    this.drawLabels();
    this.isPainting = false;
    this.revision += 1;
    this.mirror();
  }

  /** Draws what stands at the edges of the map. */
  drawBeside() {
    const { state } = this;
    this.symbols = new Map(state.symbols.map(([kind, label, symbol, colour, , , isVisible]) => [
      kind, { label, symbol, colour, isVisible: Boolean(isVisible) },
    ]));
    this.radii = this.nodes.radii;
    this.undeclared = this.nodes.undeclared(this.symbols, state.prefecture);
    this.legend.draw(this);
    this.watermark.textContent = state.watermark || "";
    this.unplaced.draw(this);
    this.source.draw(this);
    this.values = valuesByAdcode(state.areas);
  }

  /** Draws what stands on the map, apart from the selection and the names. */
  drawOn() {
    const { state } = this;
    this.areas.draw();
    this.visibleCounties = this.areas.restyle(this);
    this.circles.draw(state.circles);
    this.flows.draw(state.flows);
    this.nodes.resize(this.map.getZoom());
    this.nodes.show(this.symbols, state.prefecture);
  }

  /** Fits the view to a new filter, or brings a newly selected county into view. */
  frame() {
    const scope = this.state.prefecture || "all";
    if (scope !== this.scope) {
      this.scope = scope;
      this.fit();
    } else if (this.selected && this.selected !== this.framed) {
      const county = this.boundaries.counties.get(this.selected);
      const seat = county && L.latLng(county.seat[1], county.seat[0]);
      if (seat && !this.map.getBounds().contains(seat)) this.map.panTo(seat);
    }
    this.framed = this.selected;
    this.legend.keepClear(this);
  }

  fit() {
    const bounds = this.areas.boundsOf(this.state.prefecture);
    const { x, y } = this.map.getSize();
    this.isFitting = true;
    if (x < LEAST_SIZE_PX || y < LEAST_SIZE_PX) {
      // The page has not given it a place yet; it is fitted when it gets one.
      this.map.setView(START.center, START.zoom, { animate: false });
      this.isFitting = false;
      return;
    }
    const whole = this.areas.boundsOf(null);
    const least = this.map.getBoundsZoom(whole) - 0.75;
    this.map.setMinZoom(Math.floor(2 * least) / 2);
    this.map.setMaxBounds(whole.pad(0.75));
    this.map.fitBounds(bounds, { animate: false, padding: [8, 8] });
    this.makeRoom(bounds);
    this.isFitting = false;
    this.isMoved = false;
  }

  /** Moves the area aside, then makes it smaller, until the legend covers nothing of it. */
  makeRoom(bounds) {
    const centre = this.map.getCenter();
    const whole = this.map.getZoom();
    let best = [Infinity, whole, [0, 0]]; // where the map has no size yet
    for (let zoom = whole; zoom > whole - 0.55; zoom -= 0.1) {
      this.map.setView(centre, zoom, { animate: false });
      const { x, y } = this.map.getSize();
      const [low, high] = [bounds.getSouthWest(), bounds.getNorthEast()]
        .map((corner) => this.map.latLngToContainerPoint(corner));
      const slack = [(x - (high.x - low.x)) / 2 - 8, (y - (low.y - high.y)) / 2 - 8].map((n) => Math.max(0, n));
      for (const [right, down] of [[0, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]]) {
        const offset = [right * slack[0], down * slack[1]];
        const cost = this.legend.place(this, offset);
        if (cost < best[0]) best = [cost, zoom, offset];
        if (cost === 0) break;
      }
      if (best[0] === 0) break;
    }
    const [, zoom, [right, down]] = best;
    this.map.setView(centre, zoom, { animate: false });
    this.map.panBy([-right, -down], { animate: false });
    this.legend.place(this);
  }

  /** Places the names; from afar a selection moves none of them. */
  drawLabels() {
    this.labels = this.labels || new Labels(this.map);
    const { x, y } = this.map.getPixelOrigin();
    const named = this.labels.isClose(this.state) ? this.selected : null;
    const placed = [this.drawnCount, this.map.getZoom(), x, y, named].join();
    if (placed !== this.placed) this.labels.draw(this);
    this.placed = placed;
  }

  drawLines() {
    this.lines.clearLayers();
    this.above = new Map();
    const { lines, hierarchy } = this.state;
    const drawn = [...lines, ...(hierarchy ? hierarchy.lines : [])];
    for (const [x1, y1, x2, y2, kind, adcode, label] of drawn) {
      if (adcode) this.above.set(adcode, label);
      L.polyline([[y1, x1], [y2, x2]], {
        pane: "nm-lines", interactive: false, ...LINE_STYLES[kind],
      }).addTo(this.lines);
    }
  }

  pointCounty(name, county, event) {
    if (this.state.prefecture && county.parent !== this.state.prefecture) return;
    const node = this.nodes.isCanvas ? this.nodes.at(event.containerPoint) : null;
    if (node) {
      this.pointNode(name, node, event);
    } else if (name === "mouseout") {
      this.areas.hover(null);
      this.tooltip.remove();
    } else if (name === "click") {
      this.pick(county.id);
    } else {
      if (name === "mouseover") this.areas.hover(county.id);
      this.tell(event.latlng, this.countyLines(county));
    }
  }

  pointNode(name, node, event) {
    if (name === "mouseout") this.tooltip.remove();
    else if (name !== "click") this.tell(event.latlng, this.nodeLines(node));
    else this.pickOf(node);
  }

  /** Selects the county of a node; a sub-market has its prefecture's code, so its place decides. */
  pickOf(node) {
    const { counties } = this.boundaries;
    const isAt = (county) => this.areas.isIn({ lat: node.lat, lng: node.lon }, county);
    const county = counties.get(node.adcode) || [...counties.values()].find(isAt);
    if (county && (!this.state.prefecture || county.parent === this.state.prefecture)) this.pick(county.id);
  }

  /** On a canvas, nodes outside every active county are found here. */
  /** What lies over a county does not keep it from being chosen. */
  pointFlow(name, label, event) {
    if (name === "click") {
      const county = this.areas.countyAt(event.latlng, this.state.prefecture);
      if (county) this.pick(county.id);
    } else if (name === "mouseout") {
      this.tooltip.remove();
    } else {
      this.tell(event.latlng, [label]);
    }
  }

  pointCanvas(name, event) {
    if (!this.nodes.isCanvas || !this.boundaries) return;
    const node = this.nodes.at(event.containerPoint);
    if (node) this.pointNode(name, node, event);
  }

  countyLines(county) {
    return [...this.areaLines(county), this.above.get(county.id)];
  }

  areaLines(county) {
    const isChinese = this.state.language === "zh";
    const nameOf = (area) => (isChinese ? area.zh : area.en);
    const parent = this.boundaries.prefectures.get(county.parent);
    const parentName = parent ? nameOf(parent) : "";
    const { areas } = this.state;
    if (!areas) return [nameOf(county), parentName];
    const isByPrefecture = areas.level === "prefecture";
    const value = this.values.get(isByPrefecture ? county.parent : county.id);
    const unit = value && areas.unit ? ` ${areas.unit}` : "";
    const told = areas.title + this.colon + (value ? value + unit : areas.missing[0] || this.words.no_data);
    // The value of a prefecture is told with its name: it is not the county's.
    if (isByPrefecture) return [nameOf(county), `${parentName} · ${told}`];
    return [nameOf(county), parentName, told];
  }

  get colon() {
    return this.state.language === "zh" ? ":" : ": ";
  }

  nodeLines(node) {
    const { words } = this;
    const symbol = this.symbols.get(node.kind);
    const facts = [
      [words.status, words[`status.${node.status}`]],
      [words.origin, words[`origin.${node.origin}`]],
      [words.location, words[`location_origin.${node.locationOrigin}`]],
    ];
    const told = facts.filter(([, value]) => value).map(([label, value]) => label + this.colon + value);
    return [node.name, symbol ? symbol.label : node.kind, told.join(" · ")];
  }

  /** Shows lines of text at a position. */
  tell(position, lines) {
    const box = element("div");
    lines.filter(Boolean).forEach((line, i) => box.append(element(i ? "div" : "strong", "", line)));
    this.tooltip.setLatLng(position).setContent(box);
    if (!this.map.hasLayer(this.tooltip)) this.tooltip.addTo(this.map);
  }

  /** Selects a county at once and reports it to the page. */
  pick(adcode) {
    this.selected = adcode;
    this.framed = adcode;
    this.areas.select(adcode);
    this.sentEvent = newEvent();
    this.mirror();
    this.legend.keepClear(this);
    this.report("click", { adcode, event: this.sentEvent });
  }

  /** Ends the map; its element can be thrown away. */
  remove() {
    this.isRemoved = true;
    this.nodes.stop();
    this.sizes.disconnect();
    this.map.remove();
  }

  /** What stands on the map, in numbers. */
  numbers() {
    const drawn = this.nodes.drawn();
    const hasView = this.failed !== null || this.revision > 0;
    const center = hasView ? this.map.getCenter() : L.latLng(START.center);
    return {
      is_ready: this.revision > 0,
      revision: this.revision,
      failed: this.failed,
      language: this.state ? this.state.language : null,
      counties: this.areas && this.areas.isDrawn ? this.areas.counties.size : 0,
      visible_counties: this.visibleCounties,
      drawn_nodes: drawn,
      drawn_total: Object.values(drawn).reduce((sum, count) => sum + count, 0),
      loaded_nodes: this.nodes.nodes.length,
      nodes_hash: this.nodes.hash,
      renderer: this.nodes.isCanvas ? "canvas" : "svg",
      unplaced: this.state ? this.state.unplaced.length : 0,
      selected: this.selected,
      prefecture: this.state ? this.state.prefecture : null,
      level: this.state && this.state.areas ? this.state.areas.level : null,
      lines: this.lines ? this.lines.getLayers().length : 0,
      flows: this.state && this.state.flows ? this.state.flows.lines.length : 0,
      labels: this.labels ? this.labels.count : 0,
      zoom: hasView ? this.map.getZoom() : START.zoom,
      center: [center.lat, center.lng],
    };
  }

  /** Mirrors the numbers in attributes of the map's element, for whoever looks from outside. */
  mirror() {
    const report = this.numbers();
    Object.assign(this.container.dataset, {
      ready: report.is_ready ? "1" : "0",
      revision: report.revision,
      counties: report.counties,
      visibleCounties: report.visible_counties,
      drawnTotal: report.drawn_total,
      drawnNodes: JSON.stringify(report.drawn_nodes),
      nodesHash: report.nodes_hash || "",
      unplaced: report.unplaced,
      selected: report.selected || "",
      prefecture: report.prefecture || "",
      language: report.language || "",
      zoom: report.zoom,
      failed: report.failed || "",
    });
  }
}

function newEvent() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
}

/** A sentence over the map, or a small one at its upper edge. */
class Message {
  constructor(container) {
    this.box = element("div", "nm-message");
    this.box.setAttribute("role", "status");
    this.box.hidden = true;
    this.line = element("div", "nm-box nm-noted");
    this.line.setAttribute("role", "status");
    this.line.hidden = true;
    container.append(this.box, this.line);
  }

  say(text, isFailure = false) {
    this.box.textContent = text;
    this.box.classList.toggle("nm-failure", isFailure);
    this.box.hidden = false;
  }

  clear() {
    this.box.hidden = true;
  }

  /** Says something for a moment. */
  hint(text) {
    this.note(text);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.note(null), HINT_MS);
  }

  note(text) {
    this.line.textContent = text || "";
    this.line.hidden = !text;
  }
}

let current = null;

window.networkMap = {
  addStyle,
  /** Makes the map in an element of a page that shows one map at a time. */
  start(container, settings) {
    if (current && !current.container.isConnected) current.remove();
    current = new LiveMap(container, { tiles: [], ...settings });
    return current;
  },
  /** Fetches the boundaries before a page asks for a map; what fails is told by the map itself. */
  warm: (geometry) => boundariesAt(geometry).catch(() => null),
  /** The Leaflet map. */
  get map() {
    return current ? current.map : null;
  },
  state: () => (current ? current.numbers() : { is_ready: false }),
  shiftedPosition,
};
