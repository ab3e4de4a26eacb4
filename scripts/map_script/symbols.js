// Node symbols for both of Leaflet's renderers. SYMBOLS is written in by the build.

const SVG_SPACE = "http://www.w3.org/2000/svg";
const CROSS_REACH = 1.15;
const WITHDRAWN_COLOUR = "#6b7178";

/** Outline of a symbol as polygons of [x, y]; null for a circle. */
function symbolCorners(symbol, x, y, radius) {
  const corners = SYMBOLS[symbol] || [];
  return corners.length ? corners.map(([dx, dy]) => [x + dx * radius, y + dy * radius]) : null;
}

function crossLines(x, y, radius) {
  const reach = radius * CROSS_REACH;
  return [
    [[x - reach, y - reach], [x + reach, y + reach]],
    [[x - reach, y + reach], [x + reach, y - reach]],
  ];
}

function symbolPath(symbol, x, y, radius, isCrossed = false) {
  const round = (value) => Math.round(value * 100) / 100;
  const line = (points) => "M" + points.map(([px, py]) => `${round(px)},${round(py)}`).join("L");
  const corners = symbolCorners(symbol, x, y, radius);
  const arc = `a${radius},${radius} 0 1,0`;
  const outline = corners
    ? `${line(corners)}Z`
    : `M${round(x - radius)},${round(y)}${arc} ${2 * radius},0${arc} ${-2 * radius},0Z`;
  return isCrossed ? outline + crossLines(x, y, radius).map(line).join("") : outline;
}

/** Fill and stroke of a node: hollow when assumed, pale when planned, crossed when withdrawn. */
function symbolStyle(colour, { isAssumed = false, status = "built" } = {}) {
  if (status === "withdrawn") {
    return { color: WITHDRAWN_COLOUR, weight: 1.4, fillColor: "#ffffff", fillOpacity: 0.9 };
  }
  const isPlanned = status === "planned";
  if (isAssumed || isPlanned) {
    const dashArray = isPlanned ? "3 2" : null;
    if (isAssumed) {
      return { color: colour, weight: 1.8, dashArray, fillColor: "#ffffff", fillOpacity: 1 };
    }
    // Hollow says assumed: a planned node of a real list is pale instead.
    return { color: colour, weight: 1.4, dashArray, fillColor: colour, fillOpacity: 0.35 };
  }
  return { color: "#ffffff", weight: 1, dashArray: null, fillColor: colour, fillOpacity: 1 };
}

/** A symbol as an SVG element of its own, for the legend. */
function symbolPicture(symbol, colour, radius, style) {
  const size = 24;
  const picture = document.createElementNS(SVG_SPACE, "svg");
  const path = document.createElementNS(SVG_SPACE, "path");
  picture.setAttribute("viewBox", `0 0 ${size} ${size}`);
  picture.setAttribute("class", "nm-symbol");
  picture.setAttribute("aria-hidden", "true");
  path.setAttribute("d", symbolPath(symbol, size / 2, size / 2, radius));
  path.setAttribute("fill", style.fillColor);
  path.setAttribute("stroke", style.color);
  path.setAttribute("stroke-width", style.weight);
  picture.append(path);
  return picture;
}

/** Places of nodes that share a seat, in pixels: side by side, then outwards in a spiral. */
function displacement(rank) {
  if (rank === 0) return [0, 0];
  const angle = (rank - 1) * Math.PI * (3 - Math.sqrt(5));
  const reach = 11.5 * Math.sqrt(rank);
  return [reach * Math.cos(angle), -reach * Math.sin(angle)];
}

let NodeMarker = null;

/** Teaches Leaflet the symbols; called when Leaflet is there. */
function defineNodeMarker() {
  if (NodeMarker) return;
  L.SVG.include({
    drawNode(layer) {
      const { x, y } = layer._point;
      const { symbol, isCrossed } = layer.options;
      const path = symbolPath(symbol, x, y, layer._radius, isCrossed);
      this._setPath(layer, layer._empty() ? "M0 0" : path);
    },
  });
  L.Canvas.include({
    drawNode(layer) {
      if (!this._drawing || layer._empty()) return;
      const { x, y } = layer._point;
      const corners = symbolCorners(layer.options.symbol, x, y, layer._radius);
      const trace = (points) => points.forEach((p, i) => this._ctx[i ? "lineTo" : "moveTo"](...p));
      this._ctx.beginPath();
      if (corners) trace(corners);
      else this._ctx.arc(x, y, layer._radius, 0, 2 * Math.PI);
      this._ctx.closePath();
      if (layer.options.isCrossed) crossLines(x, y, layer._radius).forEach(trace);
      this._fillStroke(this._ctx, layer);
    },
  });
  NodeMarker = L.CircleMarker.extend({
    _project() {
      this._point = this._map.latLngToLayerPoint(this._latlng)._add(this.options.shift);
      this._updateBounds();
    },
    _updatePath() {
      this._renderer.drawNode(this);
    },
  });
}
