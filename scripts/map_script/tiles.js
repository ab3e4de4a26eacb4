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
