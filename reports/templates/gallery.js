// The gallery: cards in chunks, of which only those near the window are there.

const CARDS_IN_CHUNK = 12; // a multiple of 1, 2, 3 and 4 columns: every row but the last is full
const MOST_IN_FRAME = 3;
const IN_TIME = 25; // milliseconds from frame to frame
const CHUNKS_PRINTED = 2;
const gallery = document.getElementById("gallery");
const controls = Object.fromEntries(["search", "sort", "language", "tag", "kind", "low", "high"].map((id) => [id, document.getElementById(id)]));
const entriesByHash = new Map();
const entriesByKey = new Map();
const toFill = [];
let shownEntries = [];
let inFrame = 1; // cards that a frame has time for
let lastFrame = 0;
let chunkHeight = 2000; // a guess until one has been measured

const chunkEntries = (chunk) => shownEntries.slice(+chunk.dataset.start, +chunk.dataset.start + CARDS_IN_CHUNK);

const isFull = (chunk) => chunk.childElementCount === chunkEntries(chunk).length;

function fill(chunk, most = CARDS_IN_CHUNK) {
  if (isFull(chunk) || !chunk.isConnected) return;
  const there = chunk.childElementCount;
  chunk.append(...chunkEntries(chunk).slice(there, there + most).map(card));
  if (isFull(chunk)) chunk.style.height = "";
}

// `height` is what it was when it went out of sight: to ask for it now would have the whole page laid out.
function empty(chunk, height) {
  if (!chunk.childElementCount || chunk.contains(document.activeElement)) return;
  if (chunk.childElementCount === CARDS_IN_CHUNK) chunkHeight = height;
  chunk.style.height = `${height}px`;
  chunk.replaceChildren();
}

// A few cards a frame, one where frames come late, and only where they are still to be seen: scrolling fast never waits.
function fillNext(now) {
  const [chunk] = toFill;
  inFrame = now - lastFrame < IN_TIME ? Math.min(inFrame + 1, MOST_IN_FRAME) : 1;
  lastFrame = now;
  if (chunk.isNear) fill(chunk, inFrame);
  if (!chunk.isNear || !chunk.isConnected || isFull(chunk)) toFill.shift();
  if (toFill.length) requestAnimationFrame(fillNext);
}

async function fillSoon(chunk) {
  if (isFull(chunk)) return;
  await Promise.all(chunkEntries(chunk).map(detailed));
  if (!chunk.isNear || !chunk.isConnected || toFill.includes(chunk)) return;
  toFill.push(chunk);
  if (toFill.length === 1) requestAnimationFrame(fillNext);
}

const nearby = new IntersectionObserver(
  (changes) => {
    for (const change of changes) {
      change.target.isNear = change.isIntersecting;
      if (change.isIntersecting) fillSoon(change.target).catch(() => {}); // the page says what is missing
      else empty(change.target, change.boundingClientRect.height);
    }
  },
  { rootMargin: "1200px 0px" },
);

const bound = (control, otherwise) => (control.value === "" ? otherwise : Number(control.value));

function showGallery() {
  shownEntries = chosenEntries({
    words: controls.search.value,
    language: controls.language.value,
    tag: controls.tag.value,
    kind: controls.kind.value,
    low: bound(controls.low, 0),
    high: bound(controls.high, 1),
    order: controls.sort.value,
  });
  nearby.disconnect();
  const count = Math.ceil(shownEntries.length / CARDS_IN_CHUNK);
  const chunks = Array.from({ length: count }, (_, i) => element("div", { class: "chunk", "data-start": i * CARDS_IN_CHUNK }));
  gallery.replaceChildren(...(count ? chunks : [element("p", { class: "nothing" }, T("none_found"))]));
  for (const chunk of chunks) {
    chunk.style.height = `${(chunkHeight * chunkEntries(chunk).length) / CARDS_IN_CHUNK}px`;
    nearby.observe(chunk);
  }
  const counts = { shown: shownEntries.length, n: entries.length };
  document.getElementById("found").value = T("found", counts);
  const printed = { shown: Math.min(CHUNKS_PRINTED * CARDS_IN_CHUNK, shownEntries.length), n: shownEntries.length };
  document.getElementById("printed").textContent = T("printed", printed);
  // What would be printed has its details at hand, for printing does not wait.
  return Promise.all(shownEntries.slice(0, CHUNKS_PRINTED * CARDS_IN_CHUNK).map(detailed)).catch(() => {});
}

let toFocus = null;

async function focusCard(entry) {
  const position = shownEntries.indexOf(entry);
  if (position < 0) return;
  toFocus = entry;
  const chunk = gallery.children[Math.floor(position / CARDS_IN_CHUNK)];
  await Promise.all(chunkEntries(chunk).map(detailed));
  if (toFocus !== entry) return;
  toFocus = null;
  fill(chunk);
  const found = chunk.children[position % CARDS_IN_CHUNK];
  found?.querySelector(".open, a").focus({ preventScroll: true });
  found?.scrollIntoView({ block: "nearest" });
}

const focusedEntry = () => toFocus ?? entriesByKey.get(document.activeElement?.closest(".card")?.dataset.key);

function stepGallery(by) {
  const from = shownEntries.indexOf(focusedEntry());
  const to = from < 0 ? 0 : Math.min(Math.max(from + by, 0), shownEntries.length - 1);
  if (shownEntries[to]) focusCard(shownEntries[to]);
}

function offerChoices(select, values) {
  const choices = [...new Set(values)].sort();
  const chosen = select.value;
  select.replaceChildren(select.firstElementChild, ...choices.map((value) => element("option", { value }, value)));
  select.value = choices.includes(chosen) ? chosen : "";
  select.closest("label").hidden = choices.length < 2;
}

function offerAll() {
  offerChoices(controls.language, prompts.map((prompt) => prompt.language));
  offerChoices(controls.tag, prompts.flatMap((prompt) => prompt.tags));
}

function resetControls() {
  for (const control of Object.values(controls)) control.value = control.defaultValue ?? control.options[0].value;
  showGallery();
}

for (const control of Object.values(controls)) control.addEventListener("input", showGallery);
document.getElementById("reset").addEventListener("click", resetControls);
addEventListener("beforeprint", () => {
  for (const chunk of [...gallery.querySelectorAll(".chunk")].slice(0, CHUNKS_PRINTED)) {
    if (chunkEntries(chunk).every((entry) => entry.isDetailed)) fill(chunk);
    for (const image of chunk.querySelectorAll("img")) image.loading = "eager";
  }
});
gallery.addEventListener("click", (event) => {
  const button = event.target.closest(".open");
  if (button) location.hash = entriesByKey.get(button.closest(".card").dataset.key).hash;
});
