// Keys, buttons, and the start.

const KEYS = {
  j: () => (viewer.open ? stepViewer(1) : stepGallery(1)),
  k: () => (viewer.open ? stepViewer(-1) : stepGallery(-1)),
  o: toggleOverlay,
  "/": () => {
    if (viewer.open) return;
    controls.search.focus();
    controls.search.select();
  },
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.("input, select, textarea")) {
    if (event.key === "Escape" && event.target === controls.search) {
      controls.search.value = "";
      controls.search.blur();
      showGallery();
    }
    return;
  }
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  const words = [...button.childNodes];
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = T("copied");
  } catch {
    getSelection().selectAllChildren(source); // no leave to write: the text is selected instead
    button.textContent = T("selected");
  }
  setTimeout(() => button.replaceChildren(...words), 2000);
}

for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", () => copy(button));

// A pair of characters leads to the pictures that have them.
for (const button of document.querySelectorAll("[data-search]")) {
  button.addEventListener("click", () => {
    controls.search.value = button.dataset.search;
    controls.kind.value = "substitution";
    showGallery();
    document.getElementById("pictures").scrollIntoView();
  });
}

document.getElementById("language-switch").addEventListener("click", () => {
  showLanguage(language === "en" ? "zh" : "en");
  remembered.write("language", language);
  showGallery();
  if (viewer.open) showViewed();
});

document.getElementById("theme-switch").addEventListener("click", () => {
  showTheme(THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length]);
  remembered.write("theme", root.dataset.theme);
});

// Makes entries searchable in moments that nobody needs, so that the first search answers as fast as the others.
function prepareSearch(from = 0) {
  if (from >= entries.length) return;
  requestIdleCallback(() => {
    entries.slice(from, from + 200).forEach(searchable);
    prepareSearch(from + 200);
  });
}

async function begin() {
  showTheme(remembered.read("theme"));
  showLanguage(preferredLanguage());
  for (const name of start.parts.filter((part) => part.startsWith("index-"))) {
    addPart(await load(name));
    for (const entry of entries.slice(entriesByKey.size)) {
      entriesByHash.set(entry.hash, entry);
      entriesByKey.set(entry.key, entry);
    }
    if (name === "index-0") await showGallery();
  }
  offerAll();
  await showGallery();
  root.dataset.ready = "";
  followHash();
  if ("requestIdleCallback" in window) prepareSearch();
}

begin().catch(() => {}); // the page says which part is missing
