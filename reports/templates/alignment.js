// Target and reading, one above the other, character by character.

const MARKS = {
  match: ["=", "right"],
  substitution: ["≠", "wrong"],
  missing: ["−", "missing"],
  extra: ["+", "extra"],
  beyond: ["?", "beyond the reader"],
};

// Builds an element. Whatever comes from outside goes in as text, never as HTML.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const codePoints = (text) =>
  `${text} (${[...text].map((c) => `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(" ")})`;

const LANGUAGE_TAGS = { zh: "zh-Hans", en: "en", mixed: "zh-Hans" };
const languageTag = (sample) => LANGUAGE_TAGS[sample.language] ?? null;

function stepTitle([kind, target, read]) {
  if (kind === "match") return null;
  if (kind === "missing") return `${codePoints(target)} is missing`;
  if (kind === "extra") return `${codePoints(read)} is extra`;
  if (kind === "beyond") return `${codePoints(target)} is beyond the reader: not counted`;
  return `${codePoints(target)} was read as ${codePoints(read)}`;
}

function column(step) {
  const [kind, target, read] = step;
  const character = (text, row) =>
    element("span", { class: `${row}${text ? (text === " " ? " space" : "") : " gap"}` }, text === " " ? "␣" : text);
  return element(
    "span",
    { class: `step ${kind}`, title: stepTitle(step) },
    character(target, "target"),
    element("span", { class: "mark" }, MARKS[kind][0]),
    character(read, "read"),
  );
}

// Columns are kept together between spaces, so that lines break between words.
function alignment(sample, region) {
  const words = [element("span", { class: "word" })];
  for (const step of region.steps) {
    words.at(-1).append(column(step));
    if (step[1] === " " || step[2] === " ") words.push(element("span", { class: "word" }));
  }
  const counts = stepCounts([region]);
  const said = Object.entries(counts).map(([kind, count]) => `${count} ${MARKS[kind][1]}`);
  const read = region.steps.map((step) => step[2]).join("");
  const label = `${region.target === null ? "no lettering asked for" : `target ${region.target}`}; read ${read || "nothing"}; ${said.join(", ")}`;
  const columns = element("div", { class: "alignment", role: "img", "aria-label": label, lang: languageTag(sample) }, ...words);
  return element("div", { class: "region" }, regionCaption(region), columns);
}

function regionCaption(region) {
  const parts = [region.role, typeof region.where === "string" ? region.where : region.where && "in a box"].filter(Boolean);
  if (region.target === null) parts.push("no lettering asked for");
  return parts.length ? element("p", { class: "region-caption" }, parts.join(" · ")) : null;
}

function stepCounts(regions) {
  const counts = {};
  for (const region of regions) for (const [kind] of region.steps) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
