// The nodes of a data set: fetched once by their hash, then shown and hidden.

const CANVAS_ABOVE = 2000;
const UNDECLARED = { symbol: "circle", colour: "#555555", isVisible: true };
const HIT_SLACK_PX = 3;
// So many nodes of a kind are dots until the map is closer.
const CROWD = 60;
const DOTS_BELOW_ZOOM = 7.6;
const DOT_RADIUS_PX = 2.6;

class NodeSet {
  constructor(map, onPoint) {
    this.map = map;
    this.onPoint = onPoint;
    this.hash = null;
    this.wanted = null;
    this.nodes = [];
    this.radii = {};
    this.markers = [];
    this.shown = new Set();
  }

  has(source) {
    return (source ? source.hash : null) === this.hash;
  }

  /** Takes the nodes of a data set in; resolves to false if they could not be fetched. */
  async load(source) {
    const hash = source ? source.hash : null;
    this.wanted = hash;
    let document = source && source.inline;
    if (source && !document) {
      const text = await fetchOnce(source.url).catch(() => null);
      if (!text) return false;
      document = JSON.parse(text);
    }
    // Another data set was opened meanwhile, or the map was taken away.
    if (this.wanted !== hash) return true;
    this.clear();
    this.hash = hash;
    this.nodes = document ? rowsOf(document) : [];
    this.radii = document ? document.kinds : {};
    this.build();
    return true;
  }

  /** Nothing is drawn any more, whatever is still on its way. */
  stop() {
    this.wanted = undefined;
  }

  get isCanvas() {
    return this.nodes.length > CANVAS_ABOVE;
  }

  build() {
    const pane = "nm-nodes";
    const isCanvas = this.isCanvas;
    this.renderer = isCanvas ? L.canvas({ pane, padding: 0.2 }) : L.svg({ pane, padding: 0.5 });
    this.map.getPane(pane).classList.toggle("nm-canvas", isCanvas);
    const ranks = new Map();
    for (const node of this.nodes) {
      const seat = `${node.lon.toFixed(4)},${node.lat.toFixed(4)}`;
      node.rank = ranks.get(seat) || 0;
      ranks.set(seat, node.rank + 1);
    }
    this.markers = this.nodes.map((node) => this.marker(node));
    this.isDotted = null;
  }

  marker(node) {
    const marker = new NodeMarker([node.lat, node.lon], {
      pane: "nm-nodes",
      renderer: this.renderer,
      interactive: !this.isCanvas,
      className: `nm-node nm-kind-${node.kind.replace(/[^\w-]/g, "_")}`,
      radius: node.radius,
      shift: L.point(displacement(node.rank)),
      symbol: "circle",
      isCrossed: node.status === "withdrawn",
    });
    marker.node = node;
    for (const name of ["mouseover", "mousemove", "mouseout", "click"]) {
      marker.on(name, (event) => this.onPoint(name, node, event));
    }
    return marker;
  }

  clear() {
    this.shown.forEach((marker) => marker.remove());
    this.shown.clear();
    if (this.renderer) this.renderer.remove();
    this.renderer = null;
    this.markers = [];
  }

  /** Shows the nodes of the visible kinds in the filtered prefecture. */
  show(symbols, prefecture) {
    // Lower tiers first: a star is drawn over a circle.
    for (let i = this.markers.length - 1; i >= 0; i -= 1) {
      const marker = this.markers[i];
      const { node } = marker;
      const symbol = symbols.get(node.kind) || UNDECLARED;
      const isShown = symbol.isVisible && isInside(node, prefecture);
      if (!isShown) {
        if (this.shown.delete(marker)) marker.remove();
        continue;
      }
      Object.assign(marker.options, symbolStyle(symbol.colour, node), { symbol: symbol.symbol });
      if (this.shown.has(marker)) {
        marker.setStyle({});
        marker.redraw();
      } else {
        this.shown.add(marker);
        marker.addTo(this.map);
      }
    }
    if (!this.isCanvas) this.restack();
  }

  /** Draws nodes of a crowded kind as dots while the map is far. */
  resize(zoom) {
    if (zoom < DOTS_BELOW_ZOOM === this.isDotted) return;
    this.isDotted = zoom < DOTS_BELOW_ZOOM;
    const counts = {};
    for (const { kind } of this.nodes) counts[kind] = (counts[kind] || 0) + 1;
    for (const marker of this.markers) {
      const isDot = this.isDotted && counts[marker.node.kind] > CROWD;
      marker.options.radius = isDot ? DOT_RADIUS_PX : marker.node.radius;
      if (this.map.hasLayer(marker)) marker.setRadius(marker.options.radius);
      else marker._radius = marker.options.radius;
    }
  }

  /** Numbers of nodes by kind, of kinds that the legend does not declare. */
  undeclared(symbols, prefecture) {
    const counts = {};
    for (const node of this.nodes) {
      if (symbols.has(node.kind) || !isInside(node, prefecture)) continue;
      counts[node.kind] = (counts[node.kind] || 0) + 1;
    }
    return counts;
  }

  /** Keeps the order of tiers when a kind comes back. */
  restack() {
    for (let i = this.markers.length - 1; i >= 0; i -= 1) {
      if (this.shown.has(this.markers[i])) this.markers[i].bringToFront();
    }
  }

  /** The node under a point of the map, for the canvas, which leaves the mouse to the areas. */
  at(containerPoint) {
    const point = this.map.containerPointToLayerPoint(containerPoint);
    let best = null;
    let bestDistance = Infinity;
    this.shown.forEach((marker) => {
      const distance = marker._point.distanceTo(point);
      if (distance <= marker._radius + HIT_SLACK_PX && distance < bestDistance) {
        best = marker.node;
        bestDistance = distance;
      }
    });
    return best;
  }

  /** Boxes that labels keep clear of: every node of the filtered area, shown or not. */
  boxes(prefecture) {
    if (this.isCanvas) return [];
    return this.nodes
      .filter((node) => isInside(node, prefecture))
      .map((node) => {
        const [dx, dy] = displacement(node.rank);
        const point = this.map.latLngToLayerPoint([node.lat, node.lon]);
        return boxAround(point.x + dx, point.y + dy, 2 * node.radius, 2 * node.radius);
      });
  }

  /** Drawn nodes by kind, counted from the page itself where it has one element for each. */
  drawn() {
    const counts = {};
    this.shown.forEach((marker) => {
      if (this.isDrawn(marker)) counts[marker.node.kind] = (counts[marker.node.kind] || 0) + 1;
    });
    return counts;
  }

  /** Whether a marker really has its shape on the page; far outside the view it needs none. */
  isDrawn(marker) {
    if (!this.map.hasLayer(marker) || !Number.isFinite(marker._point.x + marker._point.y)) return false;
    if (this.isCanvas || marker._empty()) return true;
    const path = marker.getElement();
    return path.isConnected && path.getAttribute("d").length > 10;
  }
}

function isInside(node, prefecture) {
  return !prefecture || node.prefecture === prefecture;
}

/** One object per node, highest tier first, in a stable order. */
function rowsOf({ kinds, nodes }) {
  const order = Object.keys(kinds);
  const rankOf = (kind) => (order.indexOf(kind) + order.length + 1) % (order.length + 1);
  const rows = nodes.node_id.map((id, i) => ({
    id,
    kind: nodes.kind[i],
    name: nodes.node_name[i],
    adcode: nodes.adcode[i],
    prefecture: nodes.prefecture_adcode[i],
    lon: nodes.lon[i],
    lat: nodes.lat[i],
    isAssumed: nodes.assumed[i] === 1,
    status: nodes.status[i],
    origin: nodes.origin[i],
    locationOrigin: nodes.location_origin[i],
    radius: kinds[nodes.kind[i]] || 5,
  }));
  // Sorting is stable and the rows come sorted by id.
  return rows.sort((a, b) => rankOf(a.kind) - rankOf(b.kind));
}
