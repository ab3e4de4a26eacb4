// Built by scripts/build_map_script.py from scripts/map_script: edit the parts there.
(() => {
"use strict";
const WORDS = {"zh": {"areas_missing": "没有取到底色数据,地图暂以无底色显示;表格仍完整。请刷新页面重试。", "assumed_count": "其中假定 {count}", "background": "底图", "filter": "点一下只列这一类,再点一下取消", "fit": "显示全图", "geometry_missing": "没有取到行政区划边界文件,地图画不出来;表格和下载仍可使用。请刷新页面重试,仍不行时请管理员检查 static/geometry 文件夹。", "hierarchy_missing": "没有取到层级连线,地图上暂缺连线;表格仍完整。请刷新页面重试。", "hollow_means_assumed": "空心符号为假定节点", "kilometre": "公里", "label": "云南省技术转移网络地图", "legend": "图例", "legend_hide": "收起图例", "legend_show": "展开图例", "loading": "正在载入地图…", "location": "位置", "metre": "米", "no_data": "无数据", "nodes": "网络节点", "nodes_missing": "没有取到节点文件,地图上暂缺节点;表格仍完整。请刷新页面重试。", "origin": "来源性质", "plain_background": "无底图", "script_missing": "没有取到地图程序 Leaflet,地图画不出来;表格和下载仍可使用。请刷新页面重试,仍不行时请管理员检查 static/leaflet 文件夹。", "source": "来源:{source}", "source_less": "收起说明", "source_line": "行政区划数据来源:国家地理信息公共服务平台“天地图”(底图审图号:GS(2024)0650号),经提取云南省范围和拓扑简化。本图为规划分析示意图,未另行送审,界线不作划界依据;公开出版、登载或展示前应依《地图管理条例》送审并标注新的审图号。", "source_more": "展开说明", "states": "浅色为在建,打叉为已撤销", "status": "状态", "unplaced": "未定位 {count}", "unplaced_title": "没有坐标、无法上图的节点", "wheel": "按住 Ctrl 再滚轮可缩放", "zoom_in": "放大", "zoom_out": "缩小", "location_origin.assumed": "假定", "location_origin.county_seat": "县城驻地", "location_origin.geocoded": "地名匹配", "location_origin.given": "原表坐标", "location_origin.prefecture_seat": "州(市)驻地", "location_origin.unknown": "未公开", "origin.assumed": "假定", "origin.official": "官方", "origin.reported": "公开报道", "origin.synthetic": "合成", "status.built": "已建", "status.planned": "在建", "status.unknown": "未知", "status.withdrawn": "撤销"}, "en": {"areas_missing": "The colours of the areas could not be fetched, so the map shows none; the table is complete. Reload the page.", "assumed_count": "{count} assumed", "background": "Background", "filter": "Click to list this class only; click again for all", "fit": "Show all", "geometry_missing": "The boundary file could not be fetched, so the map cannot be drawn; the table and the downloads still work. Reload the page; if that does not help, ask the administrator to check the folder static/geometry.", "hierarchy_missing": "The hierarchy lines could not be fetched and are missing from the map; the table is complete. Reload the page to try again.", "hollow_means_assumed": "A hollow symbol is an assumed node", "kilometre": "km", "label": "Map of Yunnan's technology-transfer network", "legend": "Legend", "legend_hide": "Hide the legend", "legend_show": "Show the legend", "loading": "Loading the map…", "location": "Location", "metre": "m", "no_data": "No data", "nodes": "Network nodes", "nodes_missing": "The node file could not be fetched, so nodes are missing from the map; the table is complete. Reload the page.", "origin": "Origin", "plain_background": "Plain", "script_missing": "The map program Leaflet could not be fetched, so the map cannot be drawn; the table and the downloads still work. Reload the page; if that does not help, ask the administrator to check the folder static/leaflet.", "source": "Source: {source}", "source_less": "Show less", "source_line": "Boundaries: National Platform for Common Geospatial Information Services “Tianditu” (map approval number of the base map: GS(2024)0650), cut to Yunnan and simplified with topology kept. This map is a sketch for planning analysis, has not been submitted for approval itself, and its lines are no basis for delimitation; before publication or display it must be submitted under the Regulations on Map Management and carry a new approval number.", "source_more": "Show all of it", "states": "Pale: being built; crossed out: withdrawn", "status": "Status", "unplaced": "Not on the map: {count}", "unplaced_title": "Nodes without coordinates", "wheel": "Ctrl + wheel zooms", "zoom_in": "Zoom in", "zoom_out": "Zoom out", "location_origin.assumed": "assumed", "location_origin.county_seat": "county seat", "location_origin.geocoded": "matched by name", "location_origin.given": "given in the list", "location_origin.prefecture_seat": "prefecture seat", "location_origin.unknown": "not published", "origin.assumed": "assumed", "origin.official": "official", "origin.reported": "reported", "origin.synthetic": "synthetic", "status.built": "built", "status.planned": "being built", "status.unknown": "unknown", "status.withdrawn": "withdrawn"}};
const SYMBOLS = {"star": [[0.0, -1.08], [0.27, -0.372], [1.027, -0.334], [0.437, 0.142], [0.635, 0.874], [0.0, 0.46], [-0.635, 0.874], [-0.437, 0.142], [-1.027, -0.334], [-0.27, -0.372]], "square": [[-0.84, -0.84], [0.84, -0.84], [0.84, 0.84], [-0.84, 0.84]], "triangle": [[0.0, -1.0], [0.98, 0.76], [-0.98, 0.76]], "circle": [], "diamond": [[0.0, -1.08], [1.08, 0.0], [0.0, 1.08], [-1.08, 0.0]], "cross": [[-0.36, -1.0], [0.36, -1.0], [0.36, -0.36], [1.0, -0.36], [1.0, 0.36], [0.36, 0.36], [0.36, 1.0], [-0.36, 1.0], [-0.36, 0.36], [-1.0, 0.36], [-1.0, -0.36], [-0.36, -0.36]]};
const NO_DATA_COLOUR = "#d9d9d9";
const STYLE = ".nm-map, .nm-alone {\n  font: 12px/1.45 \"PingFang SC\", \"Microsoft YaHei\", \"Noto Sans CJK SC\", \"Source Han Sans SC\", sans-serif;\n  color: #1c2733;\n}\n.nm-map { position: relative; width: 100%; background: #ffffff; outline-offset: -2px; }\n.nm-map.leaflet-container {\n  font-family: \"PingFang SC\", \"Microsoft YaHei\", \"Noto Sans CJK SC\", \"Source Han Sans SC\", sans-serif;\n  font-size: 12px; background: #ffffff;\n}\n.nm-map:focus-visible { outline: 2px solid #1f5f8b; }\n.nm-map [hidden] { display: none; }\nhtml, body { margin: 0; padding: 0; }\n\n.nm-county { cursor: pointer; transition: none; outline: none; }\n.nm-map .leaflet-pane > svg path.nm-pale { pointer-events: none; cursor: default; }\n.nm-node { cursor: pointer; outline: none; }\n.nm-map .nm-canvas, .nm-map .nm-canvas canvas { pointer-events: none; }\n\n.nm-label {\n  position: absolute; left: 0; top: 0; width: 120px; margin: -8px 0 0 -60px;\n  text-align: center; white-space: nowrap; font-size: 13px; line-height: 16px; font-weight: 600;\n  color: #1c2733; letter-spacing: 0.02em;\n  text-shadow: -1px -1px 1px #fff, 1px -1px 1px #fff, -1px 1px 1px #fff, 1px 1px 1px #fff, 0 0 4px #fff;\n}\n.nm-label-county { font-size: 12px; font-weight: 400; letter-spacing: 0; }\n\n.nm-box {\n  background: rgba(255, 255, 255, 0.94); border: 1px solid #d5dbe1; border-radius: 4px;\n  max-width: 240px; color: #1c2733;\n}\n.nm-fold {\n  all: unset; box-sizing: border-box; display: block; width: 100%; padding: 4px 10px; cursor: pointer;\n  font-weight: 600;\n}\n.nm-fold::after { content: \"▾\"; float: right; margin-left: 12px; color: #5a6672; }\n.nm-fold[aria-expanded=\"false\"]::after { content: \"▴\"; }\n.nm-unplaced .nm-fold::after { content: \"▴\"; }\n.nm-unplaced .nm-fold[aria-expanded=\"false\"]::after { content: \"▾\"; }\n.nm-fold:focus-visible, .nm-source-more:focus-visible, .nm-map .leaflet-bar a:focus-visible {\n  outline: 2px solid #1f5f8b; outline-offset: -2px;\n}\n.nm-panel { padding: 0 10px 6px; max-height: 62vh; overflow-y: auto; }\n.nm-list { list-style: none; margin: 0; padding: 0; }\n.nm-row { display: flex; align-items: center; gap: 6px; line-height: 20px; }\n.nm-row.nm-plain { display: block; line-height: 1.4; padding: 2px 0; }\n.nm-row.nm-plain span { display: block; color: #5a6672; }\n.nm-name { flex: 1 1 auto; }\n.nm-count { font-variant-numeric: tabular-nums; font-weight: 600; }\n.nm-assumed { color: #5a6672; white-space: nowrap; }\n.nm-symbol { width: 20px; height: 20px; flex: none; }\n.nm-swatch { flex: none; width: 20px; height: 13px; border: 1px solid rgba(0, 0, 0, 0.25); box-sizing: border-box; }\n.nm-swatch-missing {\n  background: repeating-linear-gradient(135deg, #d9d9d9 0 4px, #a9afb5 4px 5px);\n}\n.nm-flow { cursor: default; }\n.nm-flow-sample { flex: none; width: 34px; min-height: 1px; background: #8f2d56; }\n.nm-flow-round {\n  flex: none; width: 14px; height: 14px; margin: 0 10px; box-sizing: border-box; border-radius: 50%;\n  border: 1.2px solid #8f2d56; background: rgba(143, 45, 86, 0.18);\n}\n.nm-site {\n  display: flex; align-items: center; justify-content: center; box-sizing: border-box;\n  border: 2px solid #fff; border-radius: 50%; background: #14365c; color: #fff;\n  font-size: 13px; font-weight: 700; print-color-adjust: exact;\n}\n.nm-line-sample { flex: none; width: 34px; height: 0; align-self: center; }\n.nm-title { margin: 6px 0 2px; padding-top: 6px; border-top: 1px solid #e3e7eb; font-weight: 600; }\n.nm-title:first-child { margin-top: 0; padding-top: 0; border-top: 0; }\n.nm-note { margin: 2px 0 4px; color: #5a6672; font-size: 11px; }\n\n.nm-source {\n  display: flex; align-items: flex-end; gap: 4px; max-width: 150px;\n  font-size: 10.5px; line-height: 1.35; color: #4c5761;\n}\n.nm-map .leaflet-left .nm-source { margin: 0 0 4px 8px; }\n.nm-map .leaflet-left .leaflet-control-scale { margin: 0 0 4px 8px; }\n.nm-map .leaflet-control-scale-line { background: rgba(255, 255, 255, 0.8); border-color: #5a6672; color: #1c2733; text-shadow: none; }\n.nm-source-text {\n  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 1; overflow: hidden;\n  background: rgba(255, 255, 255, 0.82);\n}\n.nm-source.nm-open { max-width: min(460px, 70vw); }\n.nm-source.nm-open .nm-source-text { -webkit-line-clamp: unset; display: block; }\n.nm-source-more {\n  all: unset; cursor: pointer; padding: 0 6px; border: 1px solid #d5dbe1; border-radius: 3px;\n  background: #ffffff; line-height: 1.2;\n}\n\n.nm-map .leaflet-bar a, .nm-map .leaflet-bar { border-color: #d5dbe1; color: #1c2733; }\n.nm-map .leaflet-bar { border: 1px solid #d5dbe1; box-shadow: none; }\n.nm-map .leaflet-bar .nm-fit { font-size: 16px; }\n.nm-map .nm-tooltip {\n  border: 1px solid #c5ccd3; border-radius: 4px; box-shadow: 0 1px 4px rgba(0, 0, 0, 0.18);\n  color: #1c2733; white-space: nowrap; padding: 4px 8px; max-width: none;\n}\n.nm-map .nm-tooltip strong { font-size: 13px; }\n\n.nm-message {\n  position: absolute; inset: 0; z-index: 1500; display: flex; align-items: center; justify-content: center;\n  padding: 24px; text-align: center; background: #ffffff; color: #5a6672; font-size: 14px;\n}\n.nm-failure { color: #7a1f12; line-height: 1.7; }\n.nm-alone { position: static; margin: 0; }\n.nm-noted { position: absolute; z-index: 1400; top: 8px; left: 50px; padding: 4px 10px; max-width: 360px; color: #7a1f12; }\n\n.nm-grid { display: grid; grid-template-columns: auto auto; gap: 2px 6px; align-items: center; padding-top: 2px; }\n.nm-grid-up { writing-mode: vertical-rl; transform: rotate(180deg); color: #5a6672; font-size: 11px; text-align: center; }\n.nm-ticks span { color: #5a6672; font-size: 10.5px; text-align: center; line-height: 14px; }\n.nm-grid-side { grid-column: 2; color: #5a6672; font-size: 11px; text-align: center; }\n.nm-squares { display: grid; gap: 1px; }\n.nm-square { height: 24px; line-height: 24px; text-align: center; font-size: 11px; font-variant-numeric: tabular-nums; }\n.nm-legend .nm-row, .nm-legend .nm-filter { line-height: 18px; }\n.nm-legend { width: max-content; max-width: 190px; }\n.nm-legend .nm-note { max-width: 168px; }\n.nm-legend { position: absolute; z-index: 900; box-shadow: 0 1px 5px rgba(20, 30, 40, 0.12); }\n.nm-filter {\n  all: unset; box-sizing: border-box; display: flex; align-items: center; gap: 6px; width: 100%;\n  cursor: pointer; border-radius: 3px; line-height: 20px;\n}\n.nm-filter:hover { background: #eef1f3; }\n.nm-filter[aria-pressed=\"true\"] { background: #1c2733; color: #ffffff; padding: 0 4px; margin: 0 -4px; }\n.nm-filter:focus-visible { outline: 2px solid #1f5f8b; }\n.nm-circle-sample {\n  flex: none; box-sizing: border-box; border: 1.2px solid #234f7e; border-radius: 50%;\n  background: rgba(35, 79, 126, 0.18);\n}\n.nm-watermark {\n  position: absolute; z-index: 440; right: 64px; bottom: 40px; font-size: 42px; font-weight: 700;\n  letter-spacing: 0.2em; color: rgba(122, 60, 0, 0.13); transform: rotate(-14deg); pointer-events: none;\n}\n";
// What the live page and the single file share before there is a map: the style and the words.

/** Puts the map's style into a document's head or into a shadow root. */
function addStyle(root) {
  const sheet = document.createElement("style");
  sheet.textContent = STYLE;
  root.append(sheet);
}

function knownLanguage(language) {
  return language in WORDS ? language : Object.keys(WORDS)[0];
}

// Fetching files once, and turning TopoJSON into what Leaflet draws.

const RETRY_AFTER_MS = [300, 1200];

/** Texts already fetched: a map made anew on the same page finds them here. */
const keptTexts = new Map();

const underway = new Map();

/** Text of a file. Its address changes with its content, so it is fetched once. */
function fetchOnce(address) {
  const url = new URL(address, document.baseURI).href;
  if (keptTexts.has(url)) return Promise.resolve(keptTexts.get(url));
  if (!underway.has(url)) underway.set(url, fetchAndKeep(url));
  return underway.get(url);
}

async function fetchAndKeep(url) {
  try {
    const text = await fetchPatiently(url);
    // A page stays open for days: keep the few latest, not all node lists ever seen.
    if (keptTexts.size >= 8) keptTexts.delete(keptTexts.keys().next().value);
    keptTexts.set(url, text);
    return text;
  } finally {
    underway.delete(url);
  }
}

async function fetchPatiently(url) {
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(url).catch(() => null);
    if (response && response.ok) return response.text();
    if (attempt >= RETRY_AFTER_MS.length) throw new Error(`${url}: not fetched`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS[attempt]));
  }
}

/** An arc as pixels of the whole world at zoom 0: [x, y, x, y, …]. */
function decodedArc(arc, { scale, translate } = { scale: [1, 1], translate: [0, 0] }, isDelta) {
  const positions = new Float64Array(2 * arc.length);
  let x = 0;
  let y = 0;
  arc.forEach(([dx, dy], i) => {
    x = isDelta ? x + dx : dx;
    y = isDelta ? y + dy : dy;
    const place = { lng: x * scale[0] + translate[0], lat: y * scale[1] + translate[1] };
    const pixel = L.CRS.EPSG3857.latLngToPoint(place, 0);
    positions[2 * i] = pixel.x;
    positions[2 * i + 1] = pixel.y;
  });
  return positions;
}

function decodedArcs({ arcs, transform }) {
  return arcs.map((arc) => decodedArc(arc, transform, Boolean(transform)));
}

function polygonsOf(geometry) {
  return geometry.type === "Polygon" ? [geometry.arcs] : geometry.arcs;
}

/** Areas of one object of a topology, by adcode, in order of adcode; rings are lists of arcs. */
function areasOf(object) {
  const areas = object.geometries.map((geometry) => ({
    ...geometry.properties, rings: polygonsOf(geometry).flat(),
  }));
  areas.sort((a, b) => (a.id < b.id ? -1 : 1));
  return new Map(areas.map((area) => [area.id, area]));
}

/** Lines between areas of an object (`inner`) and around all of them (`outer`), each once. */
function meshOf(object) {
  const uses = new Map();
  object.geometries.forEach((geometry) => {
    for (const index of polygonsOf(geometry).flat(2)) {
      const arc = index < 0 ? ~index : index;
      uses.set(arc, (uses.get(arc) || 0) + 1);
    }
  });
  const lines = { inner: [], outer: [] };
  uses.forEach((count, arc) => lines[count > 1 ? "inner" : "outer"].push([arc]));
  return lines;
}

/** Whether a place lies inside an area: an odd number of borders to its east. */
function isInArea({ lat, lng }, { rings }, arcs) {
  const [x, y] = decodedArc([[lng, lat]]);
  let isInside = false;
  for (const index of rings.flat()) {
    const arc = arcs[index < 0 ? ~index : index];
    for (let i = 2; i < arc.length; i += 2) {
      const [x1, y1, x2, y2] = arc.subarray(i - 2, i + 2);
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isInside = !isInside;
    }
  }
  return isInside;
}

/** What some rings cover, in pixels of the whole world at zoom 0. */
function extentOf(rings, arcs) {
  const extent = L.bounds([]);
  for (const index of rings.flat()) {
    const arc = arcs[index < 0 ? ~index : index];
    for (let i = 0; i < arc.length; i += 2) extent.extend([arc[i], arc[i + 1]]);
  }
  return extent;
}

const keptBoundaries = new Map();

/** Boundaries at an address, made ready once for all maps of the page. */
function boundariesAt(address) {
  if (!keptBoundaries.has(address)) {
    const coming = fetchOnce(address).then((text) => boundariesOf(JSON.parse(text)));
    coming.catch(() => keptBoundaries.delete(address));
    keptBoundaries.set(address, coming);
  }
  return keptBoundaries.get(address);
}

async function loadBoundaries({ inlineGeometry, geometry }) {
  return inlineGeometry ? boundariesOf(inlineGeometry) : boundariesAt(geometry);
}

function boundariesOf(topology) {
  const arcs = decodedArcs(topology);
  const { counties, prefectures } = topology.objects;
  const areas = { counties: areasOf(counties), prefectures: areasOf(prefectures) };
  areas.counties.forEach((county) => { county.extent = extentOf(county.rings, arcs); });
  return { ...areas, arcs, mesh: meshOf(prefectures) };
}

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

// Optional background tiles from the settings; without them the map is plain and needs no network.

const KRASOVSKY_AXIS_M = 6378245.0;
const KRASOVSKY_E2 = 0.00669342162296594323;

/** A position as a GCJ-02 map shows it (the published formula; network_map.crs holds the same). */
function shiftedPosition(position) {
  const { lat, lng } = position;
  const x = lng - 105;
  const y = lat - 35;
  const wave = (value) => Math.sin(value * Math.PI);
  const common = (20 * wave(6 * x) + 20 * wave(2 * x)) * (2 / 3);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x))
    + common + (20 * wave(y) + 40 * wave(y / 3)) * (2 / 3)
    + (160 * wave(y / 12) + 320 * wave(y / 30)) * (2 / 3);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x))
    + common + (20 * wave(x) + 40 * wave(x / 3)) * (2 / 3)
    + (150 * wave(x / 12) + 300 * wave(x / 30)) * (2 / 3);
  const phi = (lat * Math.PI) / 180;
  const magic = 1 - KRASOVSKY_E2 * Math.sin(phi) ** 2;
  const alongMeridian = (KRASOVSKY_AXIS_M * (1 - KRASOVSKY_E2)) / magic ** 1.5;
  const alongParallel = (KRASOVSKY_AXIS_M / Math.sqrt(magic)) * Math.cos(phi);
  return L.latLng(
    lat + (north * 180) / (alongMeridian * Math.PI),
    lng + (east * 180) / (alongParallel * Math.PI),
  );
}

/** A tile layer whose tiles are drawn in GCJ-02: it is laid so that they lie under true positions. */
function shiftedTileLayer(url, options) {
  const Shifted = L.TileLayer.extend({
    _setZoomTransform(level, center, zoom) {
      L.TileLayer.prototype._setZoomTransform.call(this, level, shiftedPosition(center), zoom);
    },
    _getTiledPixelBounds(center) {
      return L.TileLayer.prototype._getTiledPixelBounds.call(this, shiftedPosition(center));
    },
  });
  return new Shifted(url, options);
}

function escapedHtml(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML;
}

/** Adds the configured layers and their switch; returns how to rename it and what is credited. */
function addTiles(map, layers, onChange) {
  const made = layers.map((layer) => {
    const make = layer.datum === "gcj02" ? shiftedTileLayer : L.tileLayer;
    const options = { maxZoom: 18, maxNativeZoom: layer.maxZoom, subdomains: layer.subdomains || "a" };
    return { ...layer, tiles: make(layer.url, { ...options, zIndex: layer.isOverlay ? 2 : 1 }) };
  });
  const bases = made.filter((layer) => !layer.isOverlay);
  const overlays = made.filter((layer) => layer.isOverlay);
  const plain = L.layerGroup([]);
  let control = null;
  if (bases[0]) bases[0].tiles.addTo(map);
  if (bases[0] && overlays[0]) overlays[0].tiles.addTo(map);
  map.on("baselayerchange overlayadd overlayremove", onChange);
  return {
    rename(words) {
      if (!made.length) return;
      if (control) control.remove();
      const named = (list) => list.map((layer) => [escapedHtml(layer.name), layer.tiles]);
      const choices = [...named(bases), [escapedHtml(words.plain_background), plain]];
      control = L.control.layers(
        Object.fromEntries(choices), Object.fromEntries(named(overlays)), { position: "topright" },
      ).addTo(map);
      if (!bases.some((layer) => map.hasLayer(layer.tiles)) && !map.hasLayer(plain)) map.addLayer(plain);
    },
    shown: () => made.filter((layer) => map.hasLayer(layer.tiles)),
  };
}

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

})();
