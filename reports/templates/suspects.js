// The characters that look malformed, worst first, each where it stands.

const SUSPECTS_AT_FIRST = 24;
const suspectsShown = document.getElementById("suspects-shown");

function suspectCard(sample, suspect) {
  const said = suspect.read && suspect.read !== suspect.target ? `read as ${suspect.read}` : suspect.read ? "read as asked" : "not read";
  const label = `${suspect.target} in ${sample.prompt}, seed ${sample.seed}: ${said}, well drawn with ${suspect.soundness.toFixed(2)}`;
  return element(
    "a",
    { class: "suspect", href: sample.hash, "aria-label": label },
    element("img", { src: suspect.file, alt: "", width: 96, height: 96, loading: "lazy", decoding: "async" }),
    element("span", { class: "wanted", lang: languageTag(sample) }, element("bdi", {}, suspect.target)),
    element("span", { class: "said" }, said),
    element("span", { class: "said" }, `well drawn ${suspect.soundness.toFixed(2)} · as asked ${suspect.probability.toFixed(2)}`),
  );
}

function showSuspects(most) {
  const found = samples.flatMap((sample) => sample.suspects.filter((suspect) => suspect.file).map((suspect) => [sample, suspect]));
  found.sort(([, a], [, b]) => a.soundness - b.soundness);
  suspectsShown.replaceChildren(...found.slice(0, most).map(([sample, suspect]) => suspectCard(sample, suspect)));
  if (found.length > most) {
    const more = element("button", { type: "button" }, `Show ${found.length - most} more`);
    more.addEventListener("click", () => showSuspects(found.length));
    suspectsShown.append(more);
  }
}

if (suspectsShown) showSuspects(SUSPECTS_AT_FIRST);
