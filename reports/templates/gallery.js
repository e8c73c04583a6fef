// The gallery: cards in chunks, of which only those near the window are there.

const CARDS_IN_CHUNK = 24; // a multiple of 1, 2, 3 and 4 columns: every row but the last is full
const gallery = document.getElementById("gallery");
const controls = Object.fromEntries(["search", "sort", "language", "tag"].map((id) => [id, document.getElementById(id)]));
const errorsOnly = document.getElementById("errors-only");
let shownSamples = [];
let chunkHeight = 2000; // a guess until one has been measured

const chunkSamples = (chunk) => shownSamples.slice(+chunk.dataset.start, +chunk.dataset.start + CARDS_IN_CHUNK);

function fill(chunk) {
  if (chunk.childElementCount) return;
  chunk.append(...chunkSamples(chunk).map(card));
  chunk.style.height = "";
  if (chunk.childElementCount === CARDS_IN_CHUNK) chunkHeight = chunk.offsetHeight;
}

function empty(chunk) {
  if (!chunk.childElementCount || chunk.contains(document.activeElement)) return;
  chunk.style.height = `${chunk.offsetHeight}px`;
  chunk.replaceChildren();
}

const nearby = new IntersectionObserver(
  (entries) => entries.forEach((entry) => (entry.isIntersecting ? fill : empty)(entry.target)),
  { rootMargin: "1500px 0px" },
);

function showGallery() {
  shownSamples = chosenSamples({
    words: controls.search.value,
    language: controls.language.value,
    tag: controls.tag.value,
    errorsOnly: errorsOnly.getAttribute("aria-pressed") === "true",
    order: controls.sort.value,
  });
  nearby.disconnect();
  const count = Math.ceil(shownSamples.length / CARDS_IN_CHUNK);
  const chunks = Array.from({ length: count }, (_, i) => element("div", { class: "chunk", "data-start": i * CARDS_IN_CHUNK }));
  gallery.replaceChildren(...(count ? chunks : [element("p", { class: "nothing" }, "No picture meets all of these.")]));
  if (count) fill(chunks[0]);
  for (const chunk of chunks.slice(1)) chunk.style.height = `${(chunkHeight * chunkSamples(chunk).length) / CARDS_IN_CHUNK}px`;
  for (const chunk of chunks) nearby.observe(chunk);
  document.getElementById("found").value = `${shownSamples.length} of ${samples.length}`;
  document.getElementById("printed").textContent = `The first ${Math.min(CARDS_IN_CHUNK, shownSamples.length)} of ${shownSamples.length} pictures are printed.`;
}

function focusCard(sample) {
  const position = shownSamples.indexOf(sample);
  if (position < 0) return;
  const chunk = gallery.children[Math.floor(position / CARDS_IN_CHUNK)];
  fill(chunk);
  const found = chunk.children[position % CARDS_IN_CHUNK];
  found.querySelector(".open").focus({ preventScroll: true });
  found.scrollIntoView({ block: "nearest" });
}

const focusedSample = () => samplesByKey.get(document.activeElement?.closest(".card")?.dataset.key);
const samplesByKey = new Map(samples.map((sample) => [sample.key, sample]));

function stepGallery(by) {
  const from = shownSamples.indexOf(focusedSample());
  const to = from < 0 ? 0 : Math.min(Math.max(from + by, 0), shownSamples.length - 1);
  if (shownSamples[to]) focusCard(shownSamples[to]);
}

function offerChoices(select, values) {
  const choices = [...new Set(values)].sort();
  select.append(...choices.map((value) => element("option", { value }, value)));
  select.closest("label").hidden = choices.length < 2;
}

offerChoices(controls.language, samples.map((sample) => sample.language));
offerChoices(controls.tag, samples.flatMap((sample) => sample.tags));
for (const control of Object.values(controls)) control.addEventListener("input", showGallery);
errorsOnly.addEventListener("click", () => {
  errorsOnly.setAttribute("aria-pressed", errorsOnly.getAttribute("aria-pressed") !== "true");
  showGallery();
});
addEventListener("beforeprint", () => {
  if (!shownSamples.length) return;
  fill(gallery.firstElementChild);
  for (const image of gallery.firstElementChild.querySelectorAll("img")) image.loading = "eager";
});
gallery.addEventListener("click", (event) => {
  const button = event.target.closest(".open");
  if (button) location.hash = samplesByKey.get(button.closest(".card").dataset.key).hash;
});
