// Counties and borders: drawn once, when the map knows its view, then only restyled.

const PLAIN_FILL = "#f7f4ec";
const PALE_FILL = "#fafafa";
const BORDER = "#8d959d";
const PALE_BORDER = "#dfe2e5";
const HATCH_ID = "nm-hatch";
const UNLISTED = -2;
const UNLISTED_FILL = "#fbfaf7";
// Nothing that the legend covers is smaller.
const APART_PX = 4;
const HATCH_LINE = "#a9afb5";

class Areas {
  constructor(map, boundaries, onPoint) {
    this.map = map;
    this.boundaries = boundaries;
    this.renderer = L.svg({ pane: "nm-counties", padding: 0.5 });
    if (!Outline) defineOutline();
    this.pieces = new ArcPieces(map, boundaries.arcs);
    this.counties = new Map();
    boundaries.counties.forEach((county) => {
      const outline = new Outline(this.pieces, county.rings, {
        pane: "nm-counties",
        renderer: this.renderer,
        className: "nm-county",
        weight: 0.8,
        color: BORDER,
        fillColor: PLAIN_FILL,
        fillOpacity: 1,
      });
      for (const name of ["mouseover", "mousemove", "mouseout", "click"]) {
        outline.on(name, (event) => onPoint(name, county, event));
      }
      this.counties.set(county.id, outline);
    });
    this.isDrawn = false;
  }

  /** Draws all of it; before the map has its view it would have to be drawn once more. */
  draw() {
    if (this.isDrawn) return;
    this.isDrawn = true;
    this.counties.forEach((outline) => outline.addTo(this.map));
    this.addHatch();
    this.addBorders();
  }

  addBorders() {
    const { inner, outer } = this.boundaries.mesh;
    const lineOf = (pane, rings, isClosed, style) => new Outline(this.pieces, rings, {
      pane, isClosed, interactive: false, fill: false, ...style,
    }).addTo(this.map);
    this.prefectureLine = lineOf("nm-borders", inner, false, { color: "#56606a", weight: 1.5 });
    this.provinceLine = lineOf("nm-borders", outer, false, { color: "#3a444e", weight: 1.7 });
    const casing = (color, weight) => lineOf("nm-selection", [], true, { color, weight, lineJoin: "round" });
    this.hoverLine = casing("#1c2733", 1.6);
    this.haloLine = casing("#ffffff", 6);
    this.selectedLine = casing("#111418", 2.6);
    this.comparedLine = lineOf("nm-selection", [], true, {
      color: "#111418", weight: 2.2, lineJoin: "round", dashArray: "5 4",
    });
  }

  addHatch() {
    const make = (name, attributes) => {
      const element = document.createElementNS(SVG_SPACE, name);
      Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
      return element;
    };
    this.hatches = new Set();
    this.defs = make("defs", {});
    this.renderer._container.prepend(this.defs);
    this.addPattern = (id, ground, line, width) => {
      if (this.hatches.has(id)) return;
      this.hatches.add(id);
      const pattern = make("pattern", {
        id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
      });
      pattern.append(
        make("rect", { width: 6, height: 6, fill: ground }), make("rect", { width, height: 6, fill: line }),
      );
      this.defs.append(pattern);
    };
    this.addPattern(HATCH_ID, NO_DATA_COLOUR, HATCH_LINE, 1.4);
  }

  /** The fill of a class that is not sure: the less sure, the nearer to what is not known. */
  fadedFill(colour, level) {
    const id = `${HATCH_ID}-${colour.slice(1)}-${level}`;
    const share = level * 0.38;
    this.addPattern(id, mixedColour(colour, NO_DATA_COLOUR, share), mixedColour(colour, HATCH_LINE, 0.3 + share), 1.4);
    return `url(#${id})`;
  }

  /** Restyles every county; returns how many are inside the filter. */
  restyle(view) {
    const { state } = view;
    const classOf = classesByAdcode(state.areas);
    this.faded = fadedByAdcode(state.areas);
    let visible = 0;
    this.counties.forEach((outline, adcode) => {
      const county = this.boundaries.counties.get(adcode);
      const isInside = !state.prefecture || county.parent === state.prefecture;
      visible += isInside;
      outline.setStyle(this.styleOf(state, classOf, county, isInside, view.hasTiles));
      const element = outline.getElement();
      element.classList.toggle("nm-pale", !isInside);
      element.dataset.adcode = adcode;
    });
    // On coloured areas a white line tells prefectures apart on every class; on plain ones a dark one.
    const opacity = state.prefecture ? 0.35 : 0.9;
    const onColours = Boolean(state.areas) && !state.prefecture;
    this.prefectureLine.setStyle({ opacity, color: onColours ? "#ffffff" : "#56606a", weight: onColours ? 2.2 : 1.4 });
    this.provinceLine.setStyle({ opacity });
    return visible;
  }

  styleOf(state, classOf, county, isInside, hasTiles) {
    if (!isInside) {
      return { fillColor: PALE_FILL, fillOpacity: hasTiles ? 0.5 : 1, color: PALE_BORDER };
    }
    if (!state.areas) {
      return { fillColor: PLAIN_FILL, fillOpacity: hasTiles ? 0.05 : 1, color: BORDER };
    }
    const isByPrefecture = state.areas.level === "prefecture";
    const index = classOf.get(isByPrefecture ? county.parent : county.id);
    if (index === UNLISTED) {
      return { fillColor: UNLISTED_FILL, fillOpacity: hasTiles ? 0.3 : 1, color: PALE_BORDER };
    }
    const isMissing = index === undefined || index < 0;
    const level = this.faded.get(county.id);
    let fillColor = isMissing ? `url(#${HATCH_ID})` : state.areas.classes[index][1];
    if (!isMissing && level) fillColor = this.fadedFill(fillColor, level);
    return { fillColor, fillOpacity: hasTiles ? 0.7 : 1, color: isByPrefecture ? "#ffffff55" : "#ffffffaa" };
  }

  outline(line, adcode) {
    const county = adcode && this.boundaries.counties.get(adcode);
    line.setRings(county ? county.rings : []);
  }

  select(adcode) {
    this.outline(this.haloLine, adcode);
    this.outline(this.selectedLine, adcode);
  }

  compare(adcode) {
    this.outline(this.comparedLine, adcode);
  }

  hover(adcode) {
    this.outline(this.hoverLine, adcode);
  }

  boundsOf(prefecture) {
    const extent = L.bounds([]);
    this.boundaries.counties.forEach((county) => {
      if (!prefecture || county.parent === prefecture) extent.extend(county.extent);
    });
    return L.latLngBounds([extent.min, extent.max].map((corner) => this.map.unproject(corner, 0)));
  }

  /** Points of the borders of a prefecture, of one county or of all, on the screen, close together. */
  borderPoints(prefecture, adcode = null) {
    const found = [];
    const scale = this.map.getZoomScale(this.map.getZoom(), 0);
    const shift = this.map.layerPointToContainerPoint([0, 0]).subtract(this.map.getPixelOrigin());
    this.boundaries.counties.forEach((county) => {
      if ((prefecture && county.parent !== prefecture) || (adcode && county.id !== adcode)) return;
      for (const index of county.rings.flat()) {
        const arc = this.boundaries.arcs[index < 0 ? ~index : index];
        let last = null;
        for (let i = 0; i < arc.length; i += 2) {
          const point = { x: arc[i] * scale + shift.x, y: arc[i + 1] * scale + shift.y };
          const apart = last ? Math.hypot(point.x - last.x, point.y - last.y) : APART_PX;
          if (apart < APART_PX) continue;
          for (let part = Math.floor(apart / APART_PX); last && part > 1; part -= 1) {
            const share = (part - 1) * (APART_PX / apart);
            found.push({ x: last.x + share * (point.x - last.x), y: last.y + share * (point.y - last.y) });
          }
          found.push(point);
          last = point;
        }
      }
    });
    return found;
  }

  /** Whether a point of the screen lies in a county of a prefecture, or of all. */
  isAreaAt(point, prefecture) {
    return Boolean(this.countyAt(this.map.containerPointToLatLng(point), prefecture));
  }

  /** The county of the filter in which a place lies. */
  countyAt(place, prefecture) {
    return [...this.boundaries.counties.values()]
      .find((county) => (!prefecture || county.parent === prefecture) && this.isIn(place, county));
  }

  /** Whether a place lies in a county. */
  isIn(place, county) {
    return isInArea(place, county, this.boundaries.arcs);
  }
}

/** Index of the class by adcode; -1 and a missing entry both mean no data. */
function classesByAdcode(areas) {
  return eachArea(areas, (index) => index);
}

/** How far the fill of an area is faded, 1 or 2, by adcode. */
function fadedByAdcode(areas) {
  const found = new Map();
  ((areas && areas.faded) || []).forEach((codes, i) => {
    for (const code of codes.match(/.{6}/g) || []) found.set(code, i + 1);
  });
  return found;
}

/** The colour at a share of the way from one to another. */
function mixedColour(first, last, share) {
  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const [low, high] = [channels(first), channels(last)];
  return `#${low.map((value, i) => Math.round(value + (high[i] - value) * share).toString(16).padStart(2, "0")).join("")}`;
}

/** Written value by adcode. */
function valuesByAdcode(areas) {
  return eachArea(areas, (index, text) => text);
}

function eachArea(areas, take) {
  const found = new Map();
  for (const [index, codes, texts] of areas ? areas.groups : []) {
    const values = texts.split("\t");
    for (let i = 0; i < codes.length / 6; i += 1) {
      found.set(codes.slice(6 * i, 6 * i + 6), take(index, values[i]));
    }
  }
  return found;
}
