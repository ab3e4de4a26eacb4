// The live map as a component of the page: mounted once, told a new state at each run.

const IMAGES = new URL("../LEAFLET_FOLDER/images/", import.meta.url).href;
const shown = new WeakMap();

/** What a map cannot change while it stands. */
function groundOf({ geometry, tiles }) {
  return JSON.stringify([geometry, tiles]);
}

function mounted(root, { settings, height }) {
  const sheet = document.createElement("style");
  sheet.textContent = LEAFLET_STYLE.replaceAll("url(images/", `url(${IMAGES}`);
  const container = document.createElement("div");
  container.style.height = typeof height === "number" ? `${height}px` : height;
  root.replaceChildren(sheet);
  window.networkMap.addStyle(root);
  root.append(container);
  return { live: window.networkMap.start(container, settings), ground: groundOf(settings) };
}

/** Makes ready what every map needs, while the page is still on its way. */
export const warm = (geometry) => window.networkMap.warm(geometry);

export default function networkMapComponent({ parentElement, data, setTriggerValue }) {
  const before = shown.get(parentElement);
  // The page may have lent the place to another component meanwhile, which cleared it.
  const stands = before && parentElement.contains(before.live.container);
  if (!stands || before.ground !== groundOf(data.settings)) {
    shown.set(parentElement, mounted(parentElement, data));
  }
  const { live } = shown.get(parentElement);
  live.report = (what, value) => setTriggerValue(what, value);
  live.update(data.state);
}
