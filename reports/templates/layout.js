// Where texts are wanted and where they were found: drawn over the picture, and as a table.

const LABEL_SIZE = 0.034; // of the picture's shorter side

function bounds([left, top, right, bottom]) {
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

const middle = ([left, top, right, bottom]) => [(left + right) / 2, (top + bottom) / 2];

function framed(box, kind, said) {
  const group = shape("g", { class: kind });
  const edge = shape("rect", { class: "edge", ...bounds(box) });
  edge.append(shape("title", {}, said));
  group.append(shape("rect", { class: "halo", ...bounds(box) }), edge);
  return group;
}

// The region's number, in the upper left corner of its place, inside the picture.
function placeLabel(sample, region) {
  const size = LABEL_SIZE * Math.min(sample.width, sample.height);
  const [left, top] = region.place;
  return shape("text", { class: "place-label", x: left + size * 0.3, y: top + size * 1.1, "font-size": size }, String(region.number));
}

function foundLabel(sample, region) {
  const size = LABEL_SIZE * Math.min(sample.width, sample.height);
  const [, top, right] = region.box;
  return shape("text", { class: "place-label", x: Math.min(sample.width, right) - size * 0.2, y: Math.max(size, top - size * 0.2), "font-size": size, "text-anchor": "end" }, String(region.number));
}

// From the middle of the place to the middle of the text.
function way(sample, region) {
  const [[x1, y1], [x2, y2]] = [middle(region.place), middle(region.box)];
  const group = shape("g", { class: "way" });
  group.append(shape("line", { class: "halo", x1, y1, x2, y2 }), shape("line", { class: "edge", x1, y1, x2, y2 }), shape("circle", { class: "end", cx: x2, cy: y2, r: 0.008 * Math.min(sample.width, sample.height) }));
  return group;
}

function layoutShapes(sample) {
  const regions = sample.layout?.regions ?? [];
  const placed = regions.filter((region) => region.place);
  return [
    ...placed.flatMap((region) => [framed(region.place, "place", `place of ${region.text}`), placeLabel(sample, region)]),
    ...regions.filter((region) => region.box).flatMap((region) => {
      const out = region.in_place === false;
      return [
        framed(region.box, `stands${out ? " astray" : ""}`, `${region.text} stands here${out ? ", out of its place" : ""}`),
        out ? way(sample, region) : null,
        out ? foundLabel(sample, region) : null,
      ].filter(Boolean);
    }),
  ];
}

// Such as "3 of 4 in place".
function placeCount(sample) {
  const found = sample.layout;
  if (!found || !found.placed || found.in_place === null) return null;
  const kind = found.in_place < found.placed ? "astray" : "in-place";
  return element("span", { class: `count ${kind}`, title: "legible and in place" }, `${found.in_place} of ${found.placed} in place`);
}

const ORIENTATIONS = { horizontal: "in rows", vertical: "in columns" };

function placeVerdict(region) {
  if (!region.found) return "not found";
  if (region.in_place === null) return region.place ? "place unknown" : "found";
  return region.in_place ? "in place" : "out of place";
}

function offset([right, down]) {
  const said = [];
  if (Math.abs(right) >= 0.005) said.push(`${Math.abs(right).toFixed(2)} ${right > 0 ? "right" : "left"}`);
  if (Math.abs(down) >= 0.005) said.push(`${Math.abs(down).toFixed(2)} ${down > 0 ? "down" : "up"}`);
  return said.join(", ");
}

function layoutRow(sample, region) {
  const notes = [];
  if (region.leak >= 0.005) notes.push(`${Math.round(100 * region.leak)}% in the place of ${region.leaks_into}`);
  if (region.keeps_orientation === false) notes.push(`runs ${ORIENTATIONS[region.orientation]}`);
  const distance = region.distance === null ? "—" : region.distance.toFixed(3);
  const inside = region.inside === null ? "—" : `${Math.round(100 * region.inside)}%`;
  return element(
    "tr",
    { class: region.in_place === false ? "astray" : null },
    element("th", { scope: "row", lang: languageTag(sample) }, `${region.number} `, element("bdi", {}, region.text), region.where ? element("span", {}, ` ${region.where}`) : null),
    element("td", {}, placeVerdict(region), notes.length ? element("span", {}, ` ${notes.join("; ")}`) : null),
    element("td", { class: "number", title: region.direction ? offset(region.direction) || null : null }, distance),
    element("td", { class: "number" }, inside),
  );
}

function layoutTable(sample) {
  const found = sample.layout;
  if (!found) return null;
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "text and place"),
    element("th", { scope: "col" }, "found"),
    element("th", { scope: "col", class: "number", title: "from the middle of the place, in fractions of the picture" }, "distance"),
    element("th", { scope: "col", class: "number", title: "share of the text's box that lies in its place" }, "inside"),
  );
  const table = element("table", { class: "lines layout" }, element("thead", {}, head), element("tbody", {}, ...found.regions.map((region) => layoutRow(sample, region))));
  const said = found.relations.map(([relation, verdict]) => element("li", { class: verdict === "kept" ? null : "astray" }, `${relation}: ${verdict}`));
  if (found.order !== null) said.push(element("li", { class: found.order < 1 ? "astray" : null }, `reading order, Kendall's tau: ${found.order.toFixed(2)}`));
  if (found.note) said.push(element("li", {}, found.note));
  return element("div", { class: "layout-told" }, table, said.length ? element("ul", {}, ...said) : null);
}
