// One entry in the gallery: the picture of one run, or those of several side by side.

function picture(sample, { large }) {
  const source = large ? (sample.image ?? sample.thumb) : sample.thumb;
  if (!source) return element("p", { class: "no-picture" }, missingPicture(sample));
  const image = element("img", { src: address(sample, source), alt: "", loading: large ? "eager" : "lazy", decoding: "async", width: sample.width, height: sample.height });
  return element("span", { class: "picture" }, image, overlay(sample, { characters: large }));
}

function missingPicture(sample) {
  const reason = sample.reason ?? sample.missing;
  return reason ? T("no_picture_because", { reason }) : T("no_picture");
}

const STATUS_WORDS = { blank: "blank", refused: "refused", infra: "infra", "not made": "not_made" };

function badges(sample) {
  const words = [];
  if (sample.status !== "ok") words.push(T(STATUS_WORDS[sample.status]));
  else if (sample.score === null) words.push(T("not_scored", { reason: sample.missing }));
  return words.length ? element("p", { class: "badges" }, ...words.map((word) => element("span", { class: "badge" }, word))) : null;
}

// Counts of what is not right, such as "1 ≠ 2 −".
function errorCounts(sample) {
  const counts = stepCounts(sample.regions);
  const shown = ["substitution", "missing", "extra", "beyond"].filter((kind) => counts[kind]);
  return shown.map((kind) => element("span", { class: `count ${kind}`, title: kindWord(kind) }, `${counts[kind]} ${MARKS[kind][0]}`));
}

// Such as "2 ◌", for characters that look malformed.
function suspectCount(sample) {
  const count = sample.suspects.length;
  return count ? element("span", { class: "count malformed", title: T("malformed") }, `${count} ${MALFORMED_MARK}`) : null;
}

function agreementShown(sample) {
  if (sample.agreement === null) return null;
  return element("span", { class: "count", title: T("agree_title") }, T("agree", { value: scoreText(sample.agreement) }));
}

function verdict(sample) {
  const score = element("b", { class: "score", title: sample.score === null ? sample.missing : T("accuracy_title") }, scoreText(sample.score));
  return element("p", { class: "verdict" }, score, ...errorCounts(sample), placeCount(sample), suspectCount(sample), agreementShown(sample));
}

const labels = (sample) => element("p", { class: "labels" }, [sample.language, ...sample.tags].join(" · "));

// The prompts of all runs, once where they are the same.
const askedTexts = (entry) => entry.made.filter((sample, i) => entry.made.findIndex((other) => other.text === sample.text) === i).map(askedText);

const askedText = (sample) => element("p", { class: "asked", lang: languageTag(sample) }, element("bdi", {}, sample.text));

// What the generator recorded, as pairs: nested names joined with dots, items counted from 0; plain lists as they are.
function flatDetails(details, prefix = "") {
  return Object.entries(details).flatMap(([name, value]) => {
    const nested = value !== null && typeof value === "object" && !(Array.isArray(value) && value.every((item) => typeof item !== "object"));
    if (nested) return flatDetails(value, `${prefix}${name}.`);
    return [[prefix + name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

// The outermost of it, and the faces of the lettering.
function shortDetails(sample) {
  const brief = (value) => (typeof value === "number" ? String(Number(value.toPrecision(3))) : String(value));
  const outermost = Object.entries(sample.details).filter(([, value]) => value !== null && typeof value !== "object");
  const parts = outermost.map(([name, value]) => `${name} ${brief(value)}`).filter((part) => part.length <= 60);
  const faces = flatDetails(sample.details).filter(([name]) => name.endsWith(".face")).map(([, value]) => value);
  parts.push(...new Set(faces));
  return parts.length ? element("p", { class: "made" }, parts.join(" · ")) : null;
}

const runKey = (sample) => element("i", { class: `key run-${start.runs.indexOf(sample.run)}`, "aria-hidden": "true" });

const runName = (sample) => element("p", { class: "run-name" }, runKey(sample), " ", element("bdi", {}, sample.run.label));

function opener(entry, sample) {
  const label = T("open", entry) + (isJoint ? ` (${sample.run.label})` : "");
  return element("button", { type: "button", class: "open", "aria-label": label }, picture(sample, { large: false }));
}

// How far a run's score is from that of the first one, such as "+0.120".
function changeShown(entry, sample) {
  const [first] = entry.samples;
  if (!isJoint || sample === first || !first || first.score === null || sample.score === null) return null;
  const change = sample.score - first.score;
  const text = `${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(3)}`;
  return element("span", { class: `change ${change < 0 ? "loss" : "gain"}`, title: T("changed_by", { change: text }) }, Math.abs(change) < 1e-9 ? "±0" : text);
}

function sideText(entry, sample) {
  const told = verdict(sample);
  const change = changeShown(entry, sample);
  if (change) told.firstChild.after(change);
  return [told, badges(sample), ...sample.regions.map((region) => alignment(sample, region))].filter(Boolean);
}

function cardSide(entry, sample, run) {
  if (!sample) return element("div", { class: "side absent" }, runName({ run: start.runs[run] }), element("p", {}, T("not_in_run")));
  return element("div", { class: "side" }, runName(sample), opener(entry, sample), element("div", { class: "body" }, ...sideText(entry, sample)));
}

const isJoint = start.runs.length > 1;

function card(entry) {
  const heading = element("h3", {}, element("a", { href: entry.hash }, entry.prompt, element("span", {}, ` ${T("seed", entry)}`)));
  const attributes = { class: `card${isJoint ? " joint" : ""}`, "data-key": entry.key, "aria-label": T("card", entry) };
  const [first] = entry.made;
  const about = [...askedTexts(entry), labels(first), isJoint ? null : shortDetails(first)].filter(Boolean);
  if (isJoint) {
    const sides = entry.samples.map((sample, run) => cardSide(entry, sample, run));
    return element("article", attributes, element("header", {}, heading), element("div", { class: "sides" }, ...sides), element("div", { class: "body" }, ...about));
  }
  const [told, ...rest] = sideText(entry, first);
  return element("article", attributes, opener(entry, first), element("div", { class: "body" }, element("header", {}, heading, told), ...rest, ...about));
}
