// What was read, drawn over the picture: outlines of lines, and of characters where the reader gives them.

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const points = (polygon) => polygon.map((corner) => corner.join(",")).join(" ");

// A light line under a coloured one, so that it shows on any picture.
function outline(polygon, kind, text, confidence) {
  const group = shape("g", { class: kind ?? "unjudged" });
  const edge = shape("polygon", { class: "edge", points: points(polygon) });
  const said = { text, kind: kind && kindWord(kind), confidence: confidence.toFixed(2) };
  edge.append(shape("title", {}, T(kind ? "box_judged" : "box_title", said)));
  group.append(shape("polygon", { class: "halo", points: points(polygon) }), edge);
  return group;
}

function suspicion(suspect) {
  const group = shape("g", { class: "malformed" });
  const edge = shape("polygon", { class: "edge", points: points(suspect.polygon) });
  edge.append(shape("title", {}, T("looks_malformed", { target: suspect.target, soundness: suspect.soundness.toFixed(2) })));
  group.append(shape("polygon", { class: "halo", points: points(suspect.polygon) }), edge);
  return group;
}

const BADGE_SIZE = 0.03; // of the picture's shorter side

// The mark of a character, above its box or inside at the picture's upper edge: told without colour.
function badge(sample, polygon, mark) {
  const size = BADGE_SIZE * Math.min(sample.width, sample.height);
  const xs = polygon.map(([x]) => x);
  const top = Math.min(...polygon.map(([, y]) => y));
  const place = { x: (Math.min(...xs) + Math.max(...xs)) / 2, y: Math.max(size, top - size * 0.25) };
  return shape("text", { class: "badge-mark", ...place, "font-size": size * 1.25, "text-anchor": "middle" }, mark);
}

function overlay(sample, { characters }) {
  const svg = shape("svg", {
    class: "overlay",
    viewBox: `0 0 ${sample.width} ${sample.height}`,
    "aria-hidden": "true",
  });
  for (const line of sample.lines) {
    const spelt = characters && line.characters.some(([, , , kind]) => kind);
    const group = outline(line.polygon, line.kind, line.text, line.confidence);
    group.classList.add("line");
    if (spelt) group.classList.add("spelt");
    svg.append(group);
    for (const [text, confidence, polygon, kind] of characters ? line.characters : []) {
      if (!text.trim()) continue; // a space is no lettering
      const box = outline(polygon, kind, text, confidence);
      box.classList.add("character");
      if (kind && kind !== "match") box.append(badge(sample, polygon, MARKS[kind][0]));
      svg.append(box);
    }
  }
  svg.append(...layoutShapes(sample));
  for (const suspect of sample.suspects) {
    if (!suspect.polygon.length) continue;
    const drawn = suspicion(suspect);
    if (characters) drawn.append(badge(sample, suspect.polygon, MALFORMED_MARK));
    svg.append(drawn);
  }
  return svg;
}

const overlaySwitches = document.querySelectorAll(".overlay-switch");

function toggleOverlay() {
  const hidden = document.documentElement.classList.toggle("without-overlay");
  for (const button of overlaySwitches) button.setAttribute("aria-pressed", !hidden);
}

for (const button of overlaySwitches) button.addEventListener("click", toggleOverlay);
