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
  const said = kind ? `, ${MARKS[kind][1]}` : "";
  edge.append(shape("title", {}, `${text}${said}, confidence ${confidence.toFixed(2)}`));
  group.append(shape("polygon", { class: "halo", points: points(polygon) }), edge);
  return group;
}

function suspicion(suspect) {
  const group = shape("g", { class: "malformed" });
  const edge = shape("polygon", { class: "edge", points: points(suspect.polygon) });
  edge.append(shape("title", {}, `${suspect.target} looks malformed: well drawn with ${suspect.soundness.toFixed(2)}`));
  group.append(shape("polygon", { class: "halo", points: points(suspect.polygon) }), edge);
  return group;
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
      svg.append(box);
    }
  }
  svg.append(...layoutShapes(sample));
  for (const suspect of sample.suspects) svg.append(suspicion(suspect));
  return svg;
}

const overlaySwitches = document.querySelectorAll(".overlay-switch");

function toggleOverlay() {
  const hidden = document.documentElement.classList.toggle("without-overlay");
  for (const button of overlaySwitches) button.setAttribute("aria-pressed", !hidden);
}

for (const button of overlaySwitches) button.addEventListener("click", toggleOverlay);
