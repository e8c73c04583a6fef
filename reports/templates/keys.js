// Keys, buttons that copy, and the start.

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
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source); // no leave to write: the text is selected instead
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

for (const button of document.querySelectorAll("[data-copies]")) button.addEventListener("click", () => copy(button));

showGallery();
followHash();
