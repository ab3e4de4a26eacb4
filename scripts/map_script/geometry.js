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

/** Arcs of a topology as lists of [latitude, longitude]. */
function decodedArcs(topology) {
  const { scale, translate } = topology.transform || { scale: [1, 1], translate: [0, 0] };
  const isDelta = Boolean(topology.transform);
  return topology.arcs.map((arc) => {
    let x = 0;
    let y = 0;
    return arc.map(([dx, dy]) => {
      x = isDelta ? x + dx : dx;
      y = isDelta ? y + dy : dy;
      return [y * scale[1] + translate[1], x * scale[0] + translate[0]];
    });
  });
}

function ringOf(indexes, arcs) {
  const ring = [];
  for (const index of indexes) {
    const arc = index < 0 ? arcs[~index].slice().reverse() : arcs[index];
    // The first point of an arc is the last point of the arc before it.
    for (let i = ring.length ? 1 : 0; i < arc.length; i += 1) ring.push(arc[i]);
  }
  return ring;
}

function polygonsOf(geometry) {
  return geometry.type === "Polygon" ? [geometry.arcs] : geometry.arcs;
}

/** Areas of one object of a topology, by adcode, in order of adcode. */
function areasOf(object, arcs) {
  const areas = object.geometries.map((geometry) => ({
    ...geometry.properties,
    parts: polygonsOf(geometry).map((rings) => rings.map((ring) => ringOf(ring, arcs))),
  }));
  areas.sort((a, b) => (a.id < b.id ? -1 : 1));
  return new Map(areas.map((area) => [area.id, area]));
}

/** Lines between areas of an object (`inner`) and around all of them (`outer`), each once. */
function meshOf(object, arcs) {
  const uses = new Map();
  object.geometries.forEach((geometry) => {
    for (const index of polygonsOf(geometry).flat(2)) {
      const arc = index < 0 ? ~index : index;
      uses.set(arc, (uses.get(arc) || 0) + 1);
    }
  });
  const lines = { inner: [], outer: [] };
  uses.forEach((count, arc) => lines[count > 1 ? "inner" : "outer"].push(arcs[arc]));
  return lines;
}

/** Whether a point lies inside rings of [latitude, longitude]: an odd number of crossings. */
function isInRings(lat, lon, rings) {
  let isInside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [y1, x1] = ring[i];
      const [y2, x2] = ring[j];
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) isInside = !isInside;
    }
  }
  return isInside;
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
  return {
    counties: areasOf(topology.objects.counties, arcs),
    prefectures: areasOf(topology.objects.prefectures, arcs),
    mesh: meshOf(topology.objects.prefectures, arcs),
  };
}
