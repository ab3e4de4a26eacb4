// Place names: prefectures on the whole map, counties when close; never one over another.

const COUNTY_LABELS_FROM_ZOOM = 8.25;
const LABEL_HEIGHT_PX = 14;

function boxAround(x, y, width, height) {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

function boxesMeet(a, b) {
  return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
}

/** Short English name: the proper name without its rank. */
function shortEnglish(name) {
  const words = name.split(" ");
  if (words.includes("Autonomous")) return words[0];
  return name.replace(/ (?:District|County|City|Prefecture)$/, "");
}

const CHINESE_ONLY = /^\p{Script=Han}+$/u;

class Labels {
  constructor(map) {
    this.map = map;
    this.count = 0;
    this.pane = map.getPane("nm-labels");
    this.pane.classList.add("leaflet-zoom-hide");
    this.pen = document.createElement("canvas").getContext("2d");
  }

  /** Whether counties are named, not prefectures. */
  isClose(state) {
    return Boolean(state.prefecture) || this.map.getZoom() >= COUNTY_LABELS_FROM_ZOOM;
  }

  /** Draws the names of the level that fits the zoom, around the nodes' boxes. */
  draw(view) {
    const { state, boundaries } = view;
    const isClose = this.isClose(state);
    const level = isClose ? boundaries.counties : boundaries.prefectures;
    const areas = [...level.values()].filter(
      (area) => !isClose || !state.prefecture || area.parent === state.prefecture,
    );
    const marks = view.circles.boxes();
    const obstacles = [...view.nodes.boxes(state.prefecture), ...marks];
    const placed = [];
    this.pane.replaceChildren();
    // The selected county is named before the others take the room.
    areas.sort((a, b) => (b.id === view.selected) - (a.id === view.selected));
    for (const area of areas) this.place(area, { isClose, state, obstacles, marks, placed });
    this.count = placed.length;
  }

  /** Chinese characters are as wide as they are high: to ask the font takes 20 ms at first. */
  widthOf(text, size) {
    if (CHINESE_ONLY.test(text)) return size * text.length;
    this.pen.font = `${size}px sans-serif`;
    return this.pen.measureText(text).width;
  }

  place(area, { isClose, state, obstacles, marks, placed }) {
    const text = state.language === "zh" ? area.short : shortEnglish(area.en);
    const width = this.widthOf(text, isClose ? 12 : 13) + 4;
    const anchor = this.map.latLngToLayerPoint([area.label[1], area.label[0]]);
    const seat = this.map.latLngToLayerPoint([area.seat[1], area.seat[0]]);
    const atSpot = ([x, y]) => boxAround(x, y, width, LABEL_HEIGHT_PX);
    const spots = [
      [anchor.x, anchor.y], [anchor.x, anchor.y + 14], [anchor.x, anchor.y - 14],
      [seat.x, seat.y + 15], [seat.x, seat.y - 15],
      [seat.x + width / 2 + 10, seat.y], [seat.x - width / 2 - 10, seat.y],
      [anchor.x, anchor.y + 28], [anchor.x, anchor.y - 28],
      [seat.x, seat.y + 22], [seat.x, seat.y - 22],
    ].map(atSpot);
    const beside = [
      [seat.x + width / 2 + 16, seat.y], [seat.x - width / 2 - 16, seat.y],
      [anchor.x, anchor.y + 42], [anchor.x, anchor.y - 42],
    ].map(atSpot);
    const isFree = (box) => !placed.some((other) => boxesMeet(box, other));
    const isClearOf = (boxes) => (box) =>
      isFree(box) && !boxes.some((other) => boxesMeet(box, other));
    // Rather over a node than under a number, which covers it.
    const box = spots.find(isClearOf(obstacles)) || spots.find(isClearOf(marks)) ||
      beside.find(isClearOf(marks)) || spots.find(isFree);
    if (!box) return;
    placed.push(box);
    const label = document.createElement("span");
    label.className = isClose ? "nm-label nm-label-county" : "nm-label";
    label.textContent = text;
    L.DomUtil.setPosition(label, L.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2).round());
    this.pane.append(label);
  }
}
