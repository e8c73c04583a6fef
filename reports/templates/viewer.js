// One entry, large: the address after # names it, so that it can be sent to someone.

const viewer = document.getElementById("viewer");
let viewed = null;

const withoutHash = () => location.href.split("#")[0];

async function openViewer(entry) {
  viewed = entry;
  await detailed(entry);
  if (viewed !== entry) return; // another one was asked for meanwhile
  showViewed();
  if (!viewer.open) {
    viewer.showModal();
    viewer.focus();
  }
  viewer.querySelector(".sides").scrollTop = 0;
}

function showViewed() {
  const at = shownEntries.indexOf(viewed);
  document.getElementById("viewed").replaceChildren(viewed.prompt, element("span", {}, ` ${T("seed", viewed)}`));
  document.getElementById("previous").disabled = at <= 0;
  document.getElementById("next").disabled = at < 0 || at === shownEntries.length - 1;
  const sides = viewer.querySelector(".sides");
  sides.className = `sides of-${viewed.samples.length}`;
  sides.replaceChildren(...viewed.samples.map((sample, run) => viewerSide(viewed, sample, run)));
}

function viewerSide(entry, sample, run) {
  if (!sample) return element("div", { class: "side absent" }, runName({ run: start.runs[run] }), element("p", {}, T("not_in_run")));
  return element(
    "div",
    { class: "side" },
    element("div", { class: "stage" }, picture(sample, { large: true })),
    element("div", { class: "reading", tabindex: "0", role: "region", "aria-label": sample.run.label }, ...viewerText(entry, sample)),
  );
}

function viewerText(entry, sample) {
  return [
    isJoint ? runName(sample) : null,
    ...sideText(entry, sample),
    askedText(sample),
    labels(sample),
    layoutTable(sample),
    fitTold(sample),
    linesRead(sample),
    ...sample.others.map((other) => otherReading(sample, other)),
    shortDetails(sample),
    allDetails(sample),
    sample.image && element("p", {}, element("a", { href: address(sample, sample.image) }, T("original"))),
  ].filter(Boolean);
}

function linesRead(sample) {
  if (!sample.lines.length) return null;
  const rows = sample.lines.map((line) =>
    element("tr", { class: line.kind ?? "unjudged" }, element("td", { lang: languageTag(sample) }, element("bdi", {}, line.text)), element("td", { class: "number" }, line.confidence.toFixed(2))),
  );
  const head = element("tr", {}, element("th", { scope: "col" }, T("line_read")), element("th", { scope: "col", class: "number" }, T("confidence")));
  return element("table", { class: "lines" }, element("thead", {}, head), element("tbody", {}, ...rows));
}

function otherReading(sample, other) {
  const rows = other.lines.map((line) => element("tr", {}, element("td", { lang: languageTag(sample) }, element("bdi", {}, line))));
  const empty = element("tr", {}, element("td", {}, T("nothing")));
  const head = element("tr", {}, element("th", { scope: "col" }, T("read_by", { reader: other.reader })));
  return element("table", { class: "lines" }, element("thead", {}, head), element("tbody", {}, ...(rows.length ? rows : [empty])));
}

function allDetails(sample) {
  const pairs = flatDetails(sample.details);
  if (!pairs.length) return null;
  const rows = pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, element("bdi", {}, value))]);
  return element("details", {}, element("summary", {}, T("recorded")), element("dl", { class: "made" }, ...rows));
}

function stepViewer(by) {
  const next = shownEntries[shownEntries.indexOf(viewed) + by];
  if (!next) return;
  history.replaceState(null, "", next.hash);
  openViewer(next);
}

function followHash() {
  const entry = entriesByHash.get(location.hash);
  if (entry) openViewer(entry);
  else if (viewer.open) viewer.close();
}

viewer.addEventListener("close", () => {
  if (entriesByHash.has(location.hash)) history.replaceState(null, "", withoutHash());
  if (viewed) focusCard(viewed);
});
viewer.addEventListener("click", (event) => {
  if (event.target === viewer) viewer.close();
});
document.getElementById("previous").addEventListener("click", () => stepViewer(-1));
document.getElementById("next").addEventListener("click", () => stepViewer(1));
document.getElementById("close").addEventListener("click", () => viewer.close());
addEventListener("hashchange", followHash);
