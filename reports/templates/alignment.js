// Target and reading, one above the other, character by character.

const MARKS = {
  match: ["=", "right"],
  substitution: ["≠", "wrong"],
  missing: ["−", "missing"],
  extra: ["+", "extra"],
  beyond: ["?", "beyond"],
};
const MALFORMED_MARK = "◌";

const kindWord = (kind) => T(MARKS[kind][1]);

const codePoints = (text) =>
  `${text} (${[...text].map((c) => `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(" ")})`;

const LANGUAGE_TAGS = { zh: "zh-Hans", en: "en", mixed: "zh-Hans" };
const languageTag = (sample) => LANGUAGE_TAGS[sample.language] ?? null;

function stepTitle([kind, target, read], suspect) {
  const values = { target: codePoints(target), read: codePoints(read) };
  const said = { missing: "is_missing", extra: "is_extra", beyond: "is_beyond", substitution: "was_read" }[kind];
  const parts = said ? [T(said, values)] : [];
  if (suspect) parts.push(T("looks_malformed", { target: values.target, soundness: suspect.soundness.toFixed(2) }));
  return parts.join("; ") || null;
}

function column(step, suspect) {
  const [kind, target, read] = step;
  const character = (text, row) =>
    element("span", { class: `${row}${text ? (text === " " ? " space" : "") : " gap"}` }, text === " " ? "␣" : text);
  return element(
    "span",
    { class: `step ${kind}${suspect ? " malformed" : ""}`, title: stepTitle(step, suspect) },
    character(target, "target"),
    element("span", { class: "mark" }, MARKS[kind][0] + (suspect ? MALFORMED_MARK : "")),
    character(read, "read"),
  );
}

// Columns are kept together between spaces, so that lines break between words.
function alignment(sample, region) {
  const words = [element("span", { class: "word" })];
  const suspects = new Map(sample.suspects.filter((one) => one.region === region.region).map((one) => [one.position, one]));
  let position = -1;
  for (const step of region.steps) {
    if (step[1]) position += 1;
    words.at(-1).append(column(step, step[1] ? suspects.get(position) : undefined));
    if (step[1] === " " || step[2] === " ") words.push(element("span", { class: "word" }));
  }
  const counts = Object.entries(stepCounts([region])).map(([kind, n]) => T("counted", { n, kind: kindWord(kind) }));
  if (suspects.size) counts.push(T("counted", { n: suspects.size, kind: T("malformed") }));
  const read = region.steps.map((step) => step[2]).join("") || T("nothing");
  const label = T(region.target === null ? "aligned_none" : "aligned", { target: region.target, read, counts: counts.join(", ") });
  const columns = element("div", { class: "alignment", role: "img", "aria-label": label, lang: languageTag(sample) }, ...words);
  return element("div", { class: "region" }, regionCaption(region), columns);
}

function regionCaption(region) {
  const parts = [region.role, typeof region.where === "string" ? region.where : region.where && T("in_box")].filter(Boolean);
  if (region.target === null) parts.push(T("no_lettering"));
  return parts.length ? element("p", { class: "region-caption" }, parts.join(" · ")) : null;
}

function stepCounts(regions) {
  const counts = {};
  for (const region of regions) for (const [kind] of region.steps) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
