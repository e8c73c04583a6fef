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
    ...placed.flatMap((region) => [framed(region.place, "place", T("place_of", { text: region.text })), placeLabel(sample, region)]),
    ...regions.filter((region) => region.box).flatMap((region) => {
      const out = region.in_place === false;
      return [
        framed(region.box, `stands${out ? " astray" : ""}`, T(out ? "stands_astray" : "stands_here", { text: region.text })),
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
  return element("span", { class: `count ${kind}`, title: T("legible_in_place") }, T("places_kept", { n: String(found.in_place), of: String(found.placed) }));
}

const ORIENTATIONS = { horizontal: "runs_in_rows", vertical: "runs_in_columns" };
const RELATION_VERDICTS = { kept: "relation_kept", broken: "relation_broken", "not found": "not_found", "not judged": "not_judged" };

function placeVerdict(region) {
  if (!region.found) return T("not_found");
  if (region.in_place === null) return T(region.place ? "place_unknown" : "found_somewhere");
  return T(region.in_place ? "in_place" : "out_of_place");
}

function offset([right, down]) {
  const said = [];
  if (Math.abs(right) >= 0.005) said.push(T(right > 0 ? "too_far_right" : "too_far_left", { by: Math.abs(right).toFixed(2) }));
  if (Math.abs(down) >= 0.005) said.push(T(down > 0 ? "too_far_down" : "too_far_up", { by: Math.abs(down).toFixed(2) }));
  return said.join(", ");
}

function layoutRow(sample, region) {
  const notes = [];
  if (region.leak >= 0.005) notes.push(T("leaks_into", { share: `${Math.round(100 * region.leak)}%`, region: String(region.leaks_into) }));
  if (region.keeps_orientation === false) notes.push(T(ORIENTATIONS[region.orientation]));
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
    element("th", { scope: "col" }, T("text_and_place")),
    element("th", { scope: "col" }, T("found_head")),
    element("th", { scope: "col", class: "number", title: T("distance_title") }, T("distance")),
    element("th", { scope: "col", class: "number", title: T("inside_title") }, T("inside")),
  );
  const table = element("table", { class: "lines layout" }, element("thead", {}, head), element("tbody", {}, ...found.regions.map((region) => layoutRow(sample, region))));
  const said = found.relations.map(([relation, verdict]) => element("li", { class: verdict === "kept" ? null : "astray" }, T("relation", { relation, verdict: T(RELATION_VERDICTS[verdict]) })));
  if (found.order !== null) said.push(element("li", { class: found.order < 1 ? "astray" : null }, T("reading_order", { tau: found.order.toFixed(2) })));
  if (found.note) said.push(element("li", {}, found.note));
  return element("div", { class: "layout-told" }, table, said.length ? element("ul", {}, ...said) : null);
}
