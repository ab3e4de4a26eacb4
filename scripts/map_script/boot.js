// Runs first, before Leaflet is there: styles, the page's language, and what to say if it fails.

// The address of this script says, behind #, what is known before the first state arrives.
const told = new URLSearchParams((document.currentScript?.src || "").split("#")[1]);
const pageLanguage = told.get("language") in WORDS ? told.get("language") : Object.keys(WORDS)[0];

const styleSheet = document.createElement("style");
styleSheet.textContent = STYLE;
document.head.append(styleSheet);

// A script that does not arrive leaves the frame blank for ever: say so instead.
window.addEventListener("error", (event) => {
  if (!(event.target instanceof HTMLScriptElement)) return;
  const sentence = document.createElement("p");
  sentence.className = "nm-message nm-failure nm-alone";
  sentence.setAttribute("role", "status");
  sentence.textContent = WORDS[pageLanguage].script_missing;
  document.body.append(sentence);
  if (window.Streamlit) window.Streamlit.setFrameHeight(120);
}, true);
