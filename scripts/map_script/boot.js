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
