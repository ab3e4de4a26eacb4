// Stands in the measured page before each expression of browser_times.py.

const frames = () => [...document.querySelectorAll("iframe[title*='folium']")]
  .map((frame) => frame.contentDocument)
  .filter(Boolean);

/** Milliseconds until a condition holds and the frame that shows it has been drawn. */
const painted = (holds) => new Promise((resolve, reject) => {
  const start = performance.now();
  const since = () => performance.now() - start;
  const look = () => {
    if (holds()) requestAnimationFrame(() => setTimeout(() => resolve(since())));
    else if (since() > 30000) reject(new Error("nothing painted in 30 s"));
    else requestAnimationFrame(look);
  };
  look();
});

const liveMap = () => [window.networkMap?.map?.getContainer()]
  .find((map) => map?.isConnected && map.dataset.ready === "1");

const rankedList = () => [...document.querySelectorAll("*")]
  .map((one) => one.shadowRoot?.querySelector("table[aria-rowcount='130'] tbody"))
  .find(Boolean);

const viewButtons = () => [...document.querySelectorAll(".st-key-gap_view [role=radio]")];

const layerButtons = () => [...document.querySelectorAll(".st-key-gap_layers button")];

const plainPaths = () => frames()
  .map((frame) => [...frame.querySelectorAll("path.leaflet-interactive")])
  .find((paths) => paths.length >= 129);

const plainColours = () => (plainPaths() || []).slice(0, 9)
  .map((path) => path.getAttribute("fill"))
  .join();

const floorButton = () => [...document.querySelectorAll("button")]
  .find((button) => button.innerText.trim() === "click");

const press = (path) => {
  const box = path.getBoundingClientRect();
  path.dispatchEvent(new MouseEvent("click", {
    bubbles: true,
    view: path.ownerDocument.defaultView,
    clientX: box.x + box.width / 2,
    clientY: box.y + box.height / 2,
  }));
};
