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
