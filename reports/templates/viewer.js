// One sample, large: the address after # names it, so that it can be sent to someone.

const viewer = document.getElementById("viewer");
let viewed = null;

const withoutHash = () => location.href.split("#")[0];

function openViewer(sample) {
  viewed = sample;
  const at = shownSamples.indexOf(sample);
  document.getElementById("viewed").replaceChildren(sample.prompt, element("span", {}, ` seed ${sample.seed}`));
  document.getElementById("previous").disabled = at <= 0;
  document.getElementById("next").disabled = at < 0 || at === shownSamples.length - 1;
  viewer.querySelector(".stage").replaceChildren(picture(sample, { large: true }));
  viewer.querySelector(".reading").replaceChildren(...viewerText(sample));
  if (!viewer.open) {
    viewer.showModal();
    viewer.focus();
  }
  viewer.scrollTop = 0;
}

function viewerText(sample) {
  return [
    verdict(sample),
    badges(sample),
    ...sample.regions.map((region) => alignment(sample, region)),
    askedText(sample),
    labels(sample),
    layoutTable(sample),
    linesRead(sample),
    ...sample.others.map((other) => otherReading(sample, other)),
    shortDetails(sample),
    allDetails(sample),
    sample.image && element("p", {}, element("a", { href: sample.image }, "The picture as it was made")),
  ].filter(Boolean);
}

function linesRead(sample) {
  if (!sample.lines.length) return null;
  const rows = sample.lines.map((line) =>
    element("tr", { class: line.kind ?? "unjudged" }, element("td", { lang: languageTag(sample) }, element("bdi", {}, line.text)), element("td", { class: "number" }, line.confidence.toFixed(2))),
  );
  const head = element("tr", {}, element("th", { scope: "col" }, "line read"), element("th", { scope: "col", class: "number" }, "confidence"));
  return element("table", { class: "lines" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

function otherReading(sample, other) {
  const rows = other.lines.map((line) => element("tr", {}, element("td", { lang: languageTag(sample) }, element("bdi", {}, line))));
  const empty = element("tr", {}, element("td", {}, "nothing"));
  const head = element("tr", {}, element("th", { scope: "col" }, "read by ", element("bdi", {}, other.reader)));
  return element("table", { class: "lines" }, element("thead", {}, head), element("tbody", {}, ...(rows.length ? rows : [empty])));
}

function allDetails(sample) {
  const pairs = flatDetails(sample.details);
  if (!pairs.length) return null;
  const rows = pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, element("bdi", {}, value))]);
  return element("details", {}, element("summary", {}, "All that the generator recorded"), element("dl", { class: "made" }, ...rows));
}

function stepViewer(by) {
  const next = shownSamples[shownSamples.indexOf(viewed) + by];
  if (!next) return;
  history.replaceState(null, "", next.hash);
  openViewer(next);
}

function followHash() {
  const sample = samplesByHash.get(location.hash);
  if (sample) openViewer(sample);
  else if (viewer.open) viewer.close();
}

viewer.addEventListener("close", () => {
  if (samplesByHash.has(location.hash)) history.replaceState(null, "", withoutHash());
  focusCard(viewed);
});
viewer.addEventListener("click", (event) => {
  if (event.target === viewer) viewer.close();
});
document.getElementById("previous").addEventListener("click", () => stepViewer(-1));
document.getElementById("next").addEventListener("click", () => stepViewer(1));
document.getElementById("close").addEventListener("click", () => viewer.close());
addEventListener("hashchange", followHash);
