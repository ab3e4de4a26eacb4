// Flows between places: curved arrows as wide as what flows, circles for what stays.

const FLOW_COLOUR = "#8f2d56";
const CIRCLE_COLOUR = "#234f7e";
const FLOW_ARROW_ID = "nm-flow-arrow";
const FLOW_BEND = 0.16;
const FLOW_STEPS = 18;

class Flows {
  constructor(map, onPoint, colour = FLOW_COLOUR) {
    this.map = map;
    this.colour = colour;
    this.onPoint = onPoint;
    this.renderer = L.svg({ pane: "nm-flows", padding: 0.5 });
    this.layer = L.layerGroup([]).addTo(map);
    this.text = "";
    this.marked = [];
  }

  draw(flows) {
    const text = JSON.stringify(flows || null);
    if (text === this.text) return;
    this.text = text;
    this.layer.clearLayers();
    this.marked = [];
    if (!flows) return;
    for (const [x, y, radius, label, mark] of flows.circles) {
      this.add(mark ? this.numbered([y, x], radius, mark) : L.circleMarker([y, x], {
        pane: "nm-flows", renderer: this.renderer, radius, className: "nm-flow-circle",
        color: this.colour, weight: 1.2, fillColor: this.colour, fillOpacity: 0.1,
      }), label);
    }
    for (const [x1, y1, x2, y2, weight, label] of flows.lines) {
      const line = this.add(L.polyline(bentLine([x1, y1], [x2, y2]), {
        pane: "nm-flows", renderer: this.renderer, className: "nm-flow",
        color: this.colour, weight, opacity: 0.72, lineCap: "butt", smoothFactor: 0,
      }), label);
      line.getElement().setAttribute("marker-end", `url(#${FLOW_ARROW_ID})`);
    }
    if (flows.lines.length) this.addArrow();
  }

  /** A place that is meant: a filled circle with its number, above the names. */
  numbered(place, radius, mark) {
    this.marked.push([place, radius]);
    const icon = element("span", "", mark);
    return L.marker(place, {
      keyboard: false,
      icon: L.divIcon({ className: "nm-site", html: icon, iconSize: [2 * radius, 2 * radius] }),
    });
  }

  /** Boxes that labels keep clear of. */
  boxes() {
    return this.marked.map(([place, radius]) => {
      const { x, y } = this.map.latLngToLayerPoint(place);
      return boxAround(x, y, 2 * radius, 2 * radius);
    });
  }

  add(shape, label) {
    for (const name of ["click", "mouseover", "mousemove", "mouseout"]) {
      shape.on(name, (event) => this.onPoint(name, label, event));
    }
    return shape.addTo(this.layer);
  }

  /** The head of an arrow, drawn by the browser at the end of each line. */
  addArrow() {
    const root = this.renderer._container;
    if (!root || root.querySelector(`#${FLOW_ARROW_ID}`)) return;
    const make = (name, attributes) => {
      const made = document.createElementNS(SVG_SPACE, name);
      Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
      return made;
    };
    const marker = make("marker", {
      id: FLOW_ARROW_ID, viewBox: "0 0 10 10", refX: 8, refY: 5, markerWidth: 11, markerHeight: 11,
      markerUnits: "userSpaceOnUse", orient: "auto",
    });
    marker.append(make("path", { d: "M0,0L10,5L0,10Z", fill: FLOW_COLOUR }));
    const defs = make("defs", {});
    defs.append(marker);
    root.prepend(defs);
  }
}

/** Points [lat, lon] of an arc that leaves the straight line to its right: two ways stay apart. */
function bentLine([x1, y1], [x2, y2]) {
  const middle = [
    (x1 + x2) / 2 + FLOW_BEND * (y2 - y1), (y1 + y2) / 2 - FLOW_BEND * (x2 - x1),
  ];
  const points = [];
  for (let i = 0; i <= FLOW_STEPS; i += 1) {
    const t = i / FLOW_STEPS;
    const mix = (a, b, c) => (1 - t) * (1 - t) * a + 2 * t * (1 - t) * b + t * t * c;
    points.push([mix(y1, middle[1], y2), mix(x1, middle[0], x2)]);
  }
  return points;
}
