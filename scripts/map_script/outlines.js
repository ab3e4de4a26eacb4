// Boundaries on the map. Neighbours share an arc: it is projected and written once for both, so
// that they stay neighbours at every zoom.

const LEAST_STEP_PX = 0.8;

/** Arcs as pieces of SVG paths, in the view that the map has. */
class ArcPieces {
  constructor(map, arcs) {
    this.map = map;
    this.arcs = arcs;
    this.view = 0;
    this.pieces = [];
  }

  /** Number of the view: it changes when every path has to be written anew. */
  current() {
    const { x, y } = this.map.getPixelOrigin();
    const zoom = this.map.getZoom();
    if (this.zoom !== zoom || this.x !== x || this.y !== y) {
      Object.assign(this, { zoom, x, y, view: this.view + 1, pieces: [] });
    }
    return this.view;
  }

  /** Closed rings, or open lines, as one path. */
  path(rings, isClosed) {
    const end = isClosed ? "z" : "";
    return rings.map((ring) => `M${ring.map((index) => this.piece(index)).join(" ")}${end}`).join("") || "M0 0";
  }

  piece(index) {
    const arc = index < 0 ? ~index : index;
    const piece = (this.pieces[arc] ??= { points: this.pointsOf(this.arcs[arc]) });
    if (index < 0) return (piece.backward ??= piece.points.toReversed().join(" "));
    return (piece.forward ??= piece.points.join(" "));
  }

  /** Points of an arc as "x y", without those that the eye cannot tell from the one before. */
  pointsOf(arc) {
    const scale = this.map.getZoomScale(this.zoom, 0);
    const points = [];
    let lastX = Infinity;
    let lastY = Infinity;
    const last = arc.length - 2;
    for (let i = 0; i <= last; i += 2) {
      const x = arc[i] * scale - this.x;
      const y = arc[i + 1] * scale - this.y;
      const isFar = Math.abs(x - lastX) > LEAST_STEP_PX || Math.abs(y - lastY) > LEAST_STEP_PX;
      if (!isFar && i < last) continue;
      points.push(`${Math.round(x)} ${Math.round(y)}`);
      lastX = x;
      lastY = y;
    }
    return points;
  }
}

let Outline = null;

/** Defined when Leaflet is there. */
function defineOutline() {
  Outline = L.Path.extend({
    initialize(pieces, rings, options) {
      L.setOptions(this, { isClosed: true, fill: true, ...options });
      this._pieces = pieces;
      this._rings = rings;
    },
    setRings(rings) {
      this._rings = rings;
      this._reset();
    },
    _reset() {
      this._writtenView = null;
      this._update();
    },
    // A moved map shows the same paths elsewhere.
    _update() {
      if (!this._map || this._writtenView === this._pieces.current()) return;
      this._writtenView = this._pieces.current();
      this._renderer._setPath(this, this._pieces.path(this._rings, this.options.isClosed));
    },
    _project() {},
    _updateBounds() {},
  });
}
